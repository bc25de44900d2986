"""The errors of the framework; a failed expectation about the system under test is none of them.

AcceptanceError
├── ConfigurationError        the user's settings, profile or arguments are wrong (exit code 2)
├── SpecificationError        a feature file is wrong; nothing ran (exit code 1)
├── EnvironmentUnfitError     something the run needs is missing, dead or refuses (outcome: error)
│   ├── CommandTimeoutError       a child process did not end in its time limit
│   ├── ServiceUnreachableError   no HTTP answer
│   │   └── TransportSecurityError    because one side did not trust the other
│   └── StackError                the stack did not come up, or died
└── FrameworkError            a bug in the framework itself

Every message says what was wrong, the value seen, what was expected, and what to do.
"""


class AcceptanceError(Exception):
    """Base of every error the framework raises on purpose."""


class ConfigurationError(AcceptanceError):
    """A setting, profile, argument or data file is wrong."""


class SpecificationError(AcceptanceError):
    """A feature file breaks a rule; `problems` holds one line each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class EnvironmentUnfitError(AcceptanceError):
    """The environment cannot serve the test, so there is no verdict."""


class CommandTimeoutError(EnvironmentUnfitError):
    """A command did not end within its time limit and was stopped with all its children."""


class ServiceUnreachableError(EnvironmentUnfitError):
    """A service gave no HTTP answer at all.

    Args:
        message: what people read.
        fault: what kind of fault it was, in the words of support/foundation/faults.py.
    """

    def __init__(self, message: str, fault: str = "") -> None:
        self.fault = fault
        super().__init__(message)


class TransportSecurityError(ServiceUnreachableError):
    """TLS was refused: an expired or unknown certificate, a wrong host, pin or client."""


class StackError(EnvironmentUnfitError):
    """A stack did not become ready, or stopped while it was needed."""


class FrameworkError(AcceptanceError):
    """The framework is used or written wrongly: please report it."""
