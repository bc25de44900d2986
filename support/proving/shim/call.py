"""One call of an SDK's `cli.sh` (the contract of docs/sdk-shims.md), and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from support.foundation import process

TIME_LIMIT_SECONDS = 3600.0  # whoever calls the shim has a limit of their own, and ends us with it


@dataclass(frozen=True, slots=True)
class Result:
    """How a call ended."""

    exit_code: int
    stdout: str = ""
    stderr: str = ""

    @property
    def failed(self) -> bool:
        """Whether the SDK refused."""
        return self.exit_code != 0


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked of the SDK.

    Attributes:
        real: the SDK's own `cli.sh`.
        command: `encrypt` or `decrypt`.
        environment: all of it, options of the contract included.
    """

    real: Path
    command: str
    source: Path
    destination: Path
    container_format: str
    environment: Mapping[str, str]

    def option(self, name: str) -> str:
        """Return an option of the contract; an empty text where it is not given."""
        return self.environment.get(name, "")

    def with_options(self, **options: str) -> "Call":
        """Return the same call with other options; an empty text takes one away."""
        merged = {**self.environment, **options}
        return replace(self, environment={name: text for name, text in merged.items() if text})

    def run(self) -> Result:
        """Have the SDK do it."""
        record = process.run(
            (self.real, self.command, self.source, self.destination, self.container_format),
            environment=self.environment,
            time_limit_seconds=TIME_LIMIT_SECONDS,
        )
        return Result(record.exit_code, record.stdout, record.stderr)

    def run_on(self, data: bytes) -> Result:
        """Have the SDK do it with another source of the same name beside the given one."""
        folder = self.source.parent / f".{self.source.name}.changed"
        folder.mkdir(exist_ok=True)
        source = folder / self.source.name
        source.write_bytes(data)
        return replace(self, source=source).run()
