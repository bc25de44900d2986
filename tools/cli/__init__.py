"""The `acceptance` command."""
