"""What the steps and the command line are built on; one room per concern (see ARCHITECTURE.md)."""
