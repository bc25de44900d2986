"""What a process redacts by: every secret that its settings and providers know."""

from pathlib import Path

from support.foundation.errors import ConfigurationError
from support.foundation.redaction import Redactor, read_patterns
from support.foundation.settings import Settings, from_environment
from support.services.secret import REVEALED


def redactor_of(settings: Settings) -> Redactor:
    """Return a redactor that knows the secrets of the settings, and what providers will give.

    Raises:
        ConfigurationError: the file of further patterns is wrong.
    """
    path = settings.value("redact_patterns")
    redactor = Redactor(settings.secrets(), read_patterns(Path(path)) if path else ())
    REVEALED.teach(redactor.learn)
    return redactor


def shown(text: str) -> str:
    """Return a last message of this process as it may be shown."""
    try:
        secrets = tuple(from_environment().secrets())
    except ConfigurationError:  # the message may be about this very fault
        secrets = ()
    return Redactor((*secrets, *REVEALED.values)).text(text)
