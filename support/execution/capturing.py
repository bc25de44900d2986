"""Output that behave captures, without the secrets in it."""

from typing import Any

from behave.capture import CaptureController, Captured

from support.foundation.redaction import Redactor


class RedactingCaptureController(CaptureController):  # type: ignore[misc]  # behave has no types
    """Hands captured output on, to every formatter and report, with secrets replaced."""

    redactor = Redactor()

    def make_captured(self, failed: Any = None, name: str | None = None) -> Captured:  # noqa: ANN401
        """Return what was captured since the last set-up."""
        captured = super().make_captured(failed=failed, name=name)
        for stream in ("stdout", "stderr", "log"):
            text: Any = getattr(captured, stream)
            if text:
                setattr(captured, stream, self.redactor.text(text))
        return captured
