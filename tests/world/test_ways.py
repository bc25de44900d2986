from pathlib import Path

import pytest

from support.foundation.errors import SpecificationError
from support.sdk.model import Sdk
from support.world.documents import Wishes
from support.world.ways import CERTIFICATES, DISTURBANCES
from support.world.world import World


@pytest.fixture
def away(world: World) -> World:
    """A world with a document whose key is at the platform."""
    world.documents.make(b"text", world.author, Wishes())
    world.documents.name_key_service(world.key_services.url("default"))
    return world


def test_a_secured_way_leads_document_and_reader_to_the_same_place(away: World) -> None:
    away.ways.to_platform("is secured by a certificate that the reader can trust")

    setup = away.reader.setup
    url = setup.services.kas_urls["default"]
    assert url.startswith("https://127.0.0.1:")
    assert setup.services.platform_url == url.removesuffix("/kas")
    assert setup.services.token_endpoint == away.services.token_endpoint
    assert f'"{url}"' in away.documents.current.container.manifest_text
    assert away.reader.allow_list is not None
    assert url in away.reader.allow_list
    assert setup.authorities is not None
    assert "BEGIN CERTIFICATE" in setup.authorities.read_text()
    assert away.author.authorities is None
    away.ways.close()


def test_the_sdk_is_told_whom_to_trust(away: World, sdk: Sdk) -> None:
    told = sdk.directory / "told"
    sdk.cli.write_text(f'#!/bin/sh\nprintf %s "$SSL_CERT_FILE" >{told}\n: >"$3"\n')
    away.ways.to_platform("is secured by a certificate that has expired")

    away.reader.open(away.documents.current)

    assert Path(told.read_text()) == away.reader.setup.authorities
    away.ways.close()


def test_a_disturbed_way_stays_what_it_is(away: World) -> None:
    away.ways.to_platform("is slow")
    services = away.reader.setup.services
    away.ways.to_platform("is open again")

    assert away.reader.setup.services == services
    assert services.platform_url.startswith("http://127.0.0.1:")
    assert away.reader.setup.authorities is None
    away.ways.close()


@pytest.mark.parametrize("known", [*CERTIFICATES, *DISTURBANCES])
def test_what_happens_to_no_way_names_what_does(away: World, known: str) -> None:
    with pytest.raises(SpecificationError, match=known):
        away.ways.to_platform("is paved")


def test_a_key_service_alone_is_secured(away: World) -> None:
    away.ways.to_key_service("default", "is secured by a certificate that has expired")

    setup = away.reader.setup
    url = setup.services.kas_urls["default"]
    assert url.startswith("https://127.0.0.1:")
    assert setup.services.platform_url == away.services.platform_url
    assert f'"{url}"' in away.documents.current.container.manifest_text
    assert setup.authorities is not None
    away.ways.close()


def test_platform_and_key_service_show_certificates_of_their_own(away: World) -> None:
    away.ways.to_platform("is secured by a certificate that the reader can trust")
    platform = away.reader.setup.services.platform_url
    away.ways.to_key_service("default", "is secured by a certificate that has expired")

    services = away.reader.setup.services
    assert services.platform_url == platform
    assert not services.kas_urls["default"].startswith(platform)
    assert services.kas_urls["default"] in away.documents.current.container.manifest_text
    away.ways.close()


def test_a_secured_author_leaves_the_reader_where_it_was(away: World) -> None:
    before = away.reader.setup
    secured = away.ways.of_author(
        away.author, "is secured by a certificate that the author can trust"
    )

    assert secured.services.platform_url.startswith("https://127.0.0.1:")
    assert secured.services.kas_urls["default"] == f"{secured.services.platform_url}/kas"
    assert secured.authorities is not None
    assert away.reader.setup == before
    away.ways.close()


def test_an_authors_way_is_secured_and_nothing_else(away: World) -> None:
    with pytest.raises(SpecificationError, match="has expired"):
        away.ways.of_author(away.author, "is slow")


def test_what_waits_for_an_answer_happens_when_the_key_service_answers(away: World) -> None:
    happened: list[str] = []

    away.ways.once_key_service_answers(lambda: happened.append("answered"))
    url = away.reader.setup.services.kas_urls["default"].removesuffix("/kas")

    assert happened == []
    assert away.machine.http.request("GET", f"{url}/healthz").ok
    assert happened == ["answered"]
    away.ways.close()
