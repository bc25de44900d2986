from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.foundation.settings import ROOT
from support.planning.product_map import Part, Product, impact_of_product, load
from support.specs import requirements
from tests.conftest import MakeUnit
from tests.planning.changing import shipped_target

PATH = ROOT / "profiles" / "product-map.yaml"

SMALL = """\
products:
  platform:
    title: the platform
    repository: example/platform
    parts:
      - {paths: ["docs/**"], requirements: [], reason: documentation}
      - {paths: ["kas/**", "*.go"], requirements: [BR-001], reason: keys are released here}
      - {modules: [example.com/sdk], requirements: all, sdk: go, reason: the Go SDK}
"""


@pytest.fixture
def small(tmp_path: Path) -> dict[str, Product]:
    path = tmp_path / "map.yaml"
    path.write_text(SMALL)
    return dict(load(path, {"BR-001", "BR-002"}))


def shipped() -> dict[str, Product]:
    known = {entry.id for entry in requirements.load(ROOT / "features" / "requirements.yaml")}
    return dict(load(PATH, known))


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("kas/**", "kas/access/rewrap.go", True),
        ("kas/**", "kas2/rewrap.go", False),
        ("**/*.md", "README.md", True),
        ("**/*.md", "a/b/README.md", True),
        ("**/*.md", "README.md.go", False),
        ("*.go", "main.go", True),
        ("*.go", "kas/main.go", False),
        ("a/**/b.?", "a/b.c", True),
        ("a/**/b.?", "a/x/y/b.c", True),
        ("a/**/b.?", "a/x/y/b.cc", False),
        ("a.b", "aXb", False),
    ],
)
def test_a_glob_fits_paths(glob: str, path: str, fits: bool) -> None:  # noqa: FBT001
    assert Part((glob,), (), None, "", "").fits(path) is fits


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("example.com/sdk", True),
        ("example.com/sdk/auth", True),
        ("example.com/sdk.v2", True),
        ("example.com/sdkx", False),
        ("example.com", False),
    ],
)
def test_a_module_stands_for_all_below_it(name: str, fits: bool) -> None:  # noqa: FBT001
    assert Part((), ("example.com/sdk",), None, "", "").fits(name) is fits


def test_a_path_selects_the_units_of_its_requirements(
    small: dict[str, Product], make_unit: MakeUnit
) -> None:
    one = make_unit(name="one", tags=("req:BR-001",))
    two = make_unit(name="two", tags=("req:BR-002",))

    found = impact_of_product("platform", ["kas/rewrap.go", "docs/x.md"], small, [one, two])

    reason = "platform: kas/rewrap.go changed: keys are released here"
    assert found.reasons(one) == (reason,)
    assert found.reasons(two) == ()
    assert found.requirements() == {"BR-001": (reason,)}
    assert found.unrelated == {"platform: docs/x.md": "documentation"}
    assert found.everything == ()


def test_a_path_of_no_part_selects_everything(
    small: dict[str, Product], make_unit: MakeUnit
) -> None:
    one, two = make_unit(name="one"), make_unit(name="two", tags=("req:BR-002",))

    found = impact_of_product("platform", ["new/thing.go"], small, [one, two])

    assert list(found.selected) == [one.id, two.id]
    assert found.everything == (
        "platform: new/thing.go changed, and no part of the product map names it",
    )


def test_an_sdk_selects_the_units_that_may_run_it(
    small: dict[str, Product], make_unit: MakeUnit
) -> None:
    writes = make_unit(variant=(("encrypt_sdk", "go-v1"), ("decrypt_sdk", "java-v1")))
    either = make_unit(variant=(("decrypt_sdk", "java-v1"),))
    neither = make_unit(variant=(("encrypt_sdk", "golem-v1"), ("decrypt_sdk", "java-v1")))

    found = impact_of_product("platform", ["example.com/sdk"], small, [writes, either, neither])

    assert list(found.selected) == [writes.id, either.id]


def test_an_unknown_product_names_the_nearest(small: dict[str, Product]) -> None:
    with pytest.raises(ConfigurationError, match=r'no product "platfrom".*mean "platform"\?'):
        impact_of_product("platfrom", [], small, [])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("requirements: [BR-001]", r"map.yaml:7: BR-001 is not in the requirement registry"),
        ("requirements: [BR-1]", r"map.yaml:7: .*"),
        ("requirements: some", r"map.yaml:7: .*"),
    ],
)
def test_a_wrong_map_is_refused_with_its_line(tmp_path: Path, wrong: str, message: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(SMALL.replace("requirements: [BR-001]", wrong))

    with pytest.raises(ConfigurationError, match=message):
        load(path, {"BR-002"})


def test_the_shipped_map_knows_the_products_and_their_requirements() -> None:
    assert {"platform", "java-sdk", "web-sdk", "tests", "client-go"} <= set(shipped())


@pytest.mark.parametrize(
    ("product", "path", "requirement"),
    [
        ("platform", "service/kas/access/rewrap.go", "BR-008"),
        ("platform", "service/authorization/v2/authorization.go", "BR-015"),
        ("platform", "service/internal/auth/authn.go", "BR-027"),
        ("platform", "service/wellknownconfiguration/wellknown_configuration.go", "BR-039"),
        ("platform", "service/policy/objects.proto", "BR-001"),
        ("platform", "lib/ocrypto/aes_gcm.go", "BR-007"),
        ("platform", "sdk/tdf.go", "BR-001"),
        ("java-sdk", "sdk/src/main/java/io/opentdf/platform/sdk/TDF.java", "BR-001"),
        ("web-sdk", "lib/tdf3/src/tdf.ts", "BR-001"),
        ("tests", "xtest/manifest.schema.json", "BR-004"),
    ],
)
def test_parts_of_products_touch_their_requirements(
    product: str, path: str, requirement: str
) -> None:
    found = impact_of_product(product, [path], shipped(), shipped_target().units)

    assert requirement in found.requirements()
    assert found.everything == ()


@pytest.mark.parametrize(
    ("product", "path"),
    [
        ("platform", "adr/decisions/one.md"),
        ("platform", "service/CHANGELOG.md"),
        ("tests", "xtest/test_tdfs.py"),
        ("web-sdk", "web-app/src/App.tsx"),
    ],
)
def test_what_nothing_here_is_built_of_touches_no_unit(product: str, path: str) -> None:
    found = impact_of_product(product, [path], shipped(), shipped_target().units)

    assert list(found.unrelated) == [f"{product}: {path}"]
    assert found.selected == {}
