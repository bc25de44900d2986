"""The faulty SDK shim: a real SDK's `cli.sh` around which one promise is broken on purpose.

A run starts it for `--define fault=…` alone, and then names the fault in its evidence, summary and
report. It does not start without the two variables that only such a run sets.
"""
