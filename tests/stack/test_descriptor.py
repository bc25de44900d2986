from collections.abc import Callable
from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.stack import descriptor
from tests.stack.conftest import Descriptor


def test_a_descriptor_gives_the_services(
    content: Descriptor, write_descriptor: Callable[[object], Path]
) -> None:
    services = descriptor.services(descriptor.read(write_descriptor(content)))

    assert services.platform_url == "http://localhost:1"
    assert services.kas_urls == {"default": "http://localhost:1/kas"}
    assert services.credentials("admin").client_secret.reveal() == "hidden-value"
    assert services.faults == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"platform": {"url": "ftp://x", "version": "1"}}, r"platform\.url"),
        ({"kas": {}}, "lacks default"),
        ({"surprise": 1}, "surprise is not a known key"),
        ({"roles": {"admin": {"client_id": "x"}}}, "roles.admin"),
        ({"control": {"kind": "ldap", "url": "http://x", "secret": "y"}}, "control.kind"),
    ],
)
def test_a_wrong_descriptor_is_told_by_key(
    content: Descriptor,
    write_descriptor: Callable[[object], Path],
    change: Descriptor,
    message: str,
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        descriptor.read(write_descriptor({**content, **change}))


def test_half_a_descriptor_and_none_are_told_apart(
    write_descriptor: Callable[[object], Path], tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="is not JSON"):
        descriptor.read(write_descriptor('{"descriptor_version": 1, "sta'))
    with pytest.raises(ConfigurationError, match="acceptance stack up"):
        descriptor.read(tmp_path / "none.json")
