"""The command line, the SDK shims and the set-up."""
