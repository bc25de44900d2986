"""A project of containers as a value: its addresses, variables, configuration and descriptor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.foundation.errors import ConfigurationError
from support.foundation.text import listed
from support.services.secret import Secret
from support.stack.compose_file import (
    FOLDER,
    IMAGES,
    KAS_INSTANCES,
    LISTENERS,
    port_variable,
)

REALM = "opentdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeStack:
    """A project of containers.

    Attributes:
        project: its name, which makes its containers and networks its own.
        folder: the stack's own, for its owner's eyes only; the configuration goes below it.
        ports: on this machine, by listener (`compose_file.LISTENERS`).
        keycloak_password: of the identity provider's `admin`.
        postgres_password: of the database's `postgres`.
        docker: the client.
        images: other images than the published ones, by variable.
    """

    project: str
    folder: Path
    ports: Mapping[str, int]
    keycloak_password: Secret
    postgres_password: Secret
    docker: Path
    images: Mapping[str, str] = field(default_factory=dict)

    @property
    def configuration(self) -> Path:
        """The folder that containers see as /etc/opentdf, and can only read."""
        return self.folder / "compose" / "configuration"

    @property
    def platform_url(self) -> str:
        """Address of the platform, here and in the containers."""
        return f"http://localhost:{self.ports['platform']}"

    @property
    def keycloak_url(self) -> str:
        """Address of the identity provider, here and in the containers."""
        return f"http://localhost:{self.ports['keycloak']}/auth"

    @property
    def issuer(self) -> str:
        """The issuer of tokens."""
        return f"{self.keycloak_url}/realms/{REALM}"

    @property
    def kas_urls(self) -> dict[str, str]:
        """Address of each key access service by instance; those with managed keys have no path."""
        named = {
            name: f"http://localhost:{self.ports[f'kas-{name}']}"
            + ("" if name.startswith("km") else "/kas")
            for name in KAS_INSTANCES
        }
        return {"default": f"{self.platform_url}/kas", **named}

    def variables(self) -> dict[str, str]:
        """Return the variables of the compose file, secrets included."""
        return {
            **IMAGES,
            **self.images,
            **{port_variable(name): str(self.ports[name]) for name in LISTENERS},
            "KEYCLOAK_PASSWORD": self.keycloak_password.reveal(),
            "POSTGRES_PASSWORD": self.postgres_password.reveal(),
            FOLDER: str(self.configuration),
        }


def configure(stack: ComposeStack, files: Mapping[str, str]) -> None:
    """Write the configuration of platform and key access services, and their keys.

    Containers run as users of their own, so the files can be read by everybody who gets there: that
    is nobody on this machine but the owner, for the folder above is private.

    Args:
        stack: whose it is.
        files: content by name: `platform.yaml`, `kas-<instance>.yaml`, and what these refer to
            below /etc/opentdf.

    Raises:
        ConfigurationError: a service would have no configuration, or a name is no file name.
    """
    wanted = ("platform.yaml", *(f"kas-{name}.yaml" for name in KAS_INSTANCES))
    missing = [name for name in wanted if name not in files]
    strange = [name for name in files if Path(name).name != name]
    if missing or strange:
        raise ConfigurationError(
            f"The configuration of the stack {stack.project} lacks {listed(missing)}, and has "
            f"names that are no plain file names: {listed(strange)}. Expected {listed(wanted)}."
        )
    private = stack.configuration.parent
    private.mkdir(mode=0o700, parents=True, exist_ok=True)
    private.chmod(0o700)
    stack.configuration.mkdir(exist_ok=True)
    stack.configuration.chmod(0o755)
    for name, content in files.items():
        path = stack.configuration / name
        path.write_text(content, encoding="utf-8")
        path.chmod(0o644)
