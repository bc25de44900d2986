"""Output streams and files of a run, without the secrets in them."""

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from behave.formatter.base import StreamOpener

from support.foundation.redaction import PIECE, Redactor


class RedactedOutput:
    """A text stream that redacts whatever is written; in all else it is the stream itself."""

    def __init__(self, stream: Any, redactor: Redactor) -> None:  # noqa: ANN401 -- any text stream
        self._stream = stream
        self._redactor = redactor

    def write(self, text: str) -> int:
        """Write a text without its secrets."""
        self._stream.write(self._redactor.text(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts without their secrets."""
        self.write("".join(lines))

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the stream has
        return getattr(self._stream, name)


@contextlib.contextmanager
def redacted_output(redactor: Redactor, openers: Iterable[StreamOpener]) -> Iterator[None]:
    """Redact what this process prints, and what formatters of behave write anywhere.

    behave gives its formatters the streams that were there when it read its settings.
    """
    for opener in openers:
        _redact_opened(opener, redactor)
    stdout, stderr = sys.stdout, sys.stderr
    sys.stdout = RedactedOutput(stdout, redactor)
    sys.stderr = RedactedOutput(stderr, redactor)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = stdout, stderr


def _redact_opened(opener: StreamOpener, redactor: Redactor) -> None:
    original = opener.open

    def opened() -> Any:  # noqa: ANN401 -- behave has no types
        stream = original()
        if not isinstance(stream, RedactedOutput):
            stream = opener.stream = RedactedOutput(stream, redactor)
        return stream

    opener.open = opened


def redact_files(folder: Path, redactor: Redactor) -> None:
    """Redact the files below a folder that their writers left there."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            _redact_file(path, redactor)


def _redact_file(path: Path, redactor: Redactor) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    stream = redactor.stream()
    try:
        with path.open("rb") as source, draft.open("wb") as target:
            while piece := source.read(PIECE):
                target.write(stream.feed(piece))
            target.write(stream.finish())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def redact_exception(error: BaseException, redactor: Redactor) -> BaseException:
    """Return an exception as reports may show it: itself where its message has no secret."""
    message = str(error)
    clean = redactor.text(message)
    if clean == message:
        return error
    error.args = tuple(
        redactor.text(part) if isinstance(part, str) else part for part in error.args
    )
    if str(error) == clean:
        return error
    shown: Exception = type(type(error).__name__, (Exception,), {})(clean)
    return shown.with_traceback(error.__traceback__)
