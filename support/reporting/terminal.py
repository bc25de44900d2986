"""The console that everything for people is printed on."""

from typing import TextIO

from rich.console import Console

PLAIN_WIDTH = 140  # of a pipe or a file, where nobody resizes a window


def console(file: TextIO | None = None) -> Console:
    """Return a console: colours and the window's width in a terminal, wide plain text elsewhere."""
    made = Console(file=file)
    return made if made.is_terminal else Console(file=file, width=PLAIN_WIDTH)
