"""Keycloak as a part of a stack: a server of our own, on loopback, with our realms in it."""

import re
from collections.abc import Mapping

from support.foundation.errors import StackError
from support.foundation.progress import Progress, silent
from support.foundation.settings import Settings
from support.stack.components import keycloak_distribution, keycloak_rehearsal
from support.stack.components.component import Component, Launch
from support.stack.components.keycloak_launch import launch
from support.stack.components.keycloak_readiness import discovery, unready
from support.stack.components.keycloak_server import FOREIGN_REALM, KeycloakServer

TIME_LIMIT_SECONDS = 120.0  # 6 to 13 s here; a machine that many share takes far longer

_ADVICE: Mapping[str, str] = {
    r"Address already in use|Port\(?s?\)? \S+ (is |are )?already (in use|bound)": (
        "The port is taken. End whoever listens there, or let the stack choose a free port."
    ),
    r"UnsupportedClassVersionError|Unrecognized (VM )?option|Could not create the Java Virtual": (
        "The Java is another than Keycloak needs. Install Java 17 or newer, and put it on the PATH "
        "or name its folder by JAVA_HOME."
    ),
    r"No space left on device|Disk full|There is not enough space": (
        "The disk is full. Free space where its data stands, then start the stack again."
    ),
    r"Database may be already in use|The file is locked|OverlappingFileLockException": (
        "Another process has its database open: most likely a Keycloak of an earlier start that "
        "was not ended. `acceptance stack down` ends it."
    ),
    r"insufficient memory|OutOfMemoryError|Cannot allocate memory": (
        "The machine has too little memory for it: Keycloak takes about 0.5 GB."
    ),
    r"File corrupted|MVStoreException|Wrong user name or password \[28000": (
        "Its database is damaged or of another start. Remove the stack with `acceptance stack "
        "down` and start it again."
    ),
}


def keycloak_component(
    server: KeycloakServer,
    settings: Settings,
    management_port: int,
    *,
    name: str = "keycloak",
    progress: Progress = silent,
) -> Component:
    """Return Keycloak as a component. The distribution is had when it is first launched.

    Args:
        server: where it is going to be (`keycloak_server`).
        settings: may name a distribution.
        management_port: where it tells about its health, on loopback.
        name: of the component.
        progress: gets a line before and during whatever takes long.
    """

    def launched() -> Launch:
        distribution = keycloak_distribution.ensure(settings, progress)
        rehearsed = keycloak_rehearsal.ensure(distribution, progress)
        return launch(server, distribution, management_port, rehearsed)

    def provisioned() -> None:
        # Half a second to load, which only those pay who start a Keycloak.
        from support.stack.components import realm  # noqa: PLC0415

        realm.provision(server)
        for each in (server.realm, FOREIGN_REALM):
            if missing := discovery(server, each):
                raise StackError(f"Keycloak was provisioned, but lacks {missing}.")

    return Component(
        name=name,
        launch=launched,
        unready=lambda: unready(server),
        ports=(server.port, management_port),
        provision=provisioned,
        advise=advise,
        time_limit_seconds=TIME_LIMIT_SECONDS,
    )


def advise(log: str) -> str:
    """Return the remedy for what a log tells, or an empty string."""
    return " ".join(advice for pattern, advice in _ADVICE.items() if re.search(pattern, log))
