"""The embedded platform: a small process that speaks the OpenTDF platform's protocols.

It exists so that specifications run in seconds on any machine, and so that faults can be injected.
It is never proof about the real platform. Start it with ``python -m support.embedded --help``.
"""
