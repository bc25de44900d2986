"""Errors, settings, processes, HTTP, waiting and redaction: the only doors to the machine."""
