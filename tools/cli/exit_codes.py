"""What the exit codes of the `acceptance` command mean; README.md lists them for users."""

EXIT_GREEN = 0
EXIT_RED = 1
EXIT_WRONG_USE = 2
EXIT_INTERRUPTED = 130
