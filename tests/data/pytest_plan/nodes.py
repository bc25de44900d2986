import pytest


@pytest.mark.parametrize("sdk", ["go", "java"])
def test_tdf_roundtrip(sdk: str) -> None:
    assert sdk


def test_manifest_validity() -> None:
    pass


@pytest.mark.req("BR-001")
def test_by_marker() -> None:
    pass


@pytest.mark.req("BR-001")
@pytest.mark.sdk("cobol")
def test_by_marker_with_an_sdk_that_the_profile_lacks() -> None:
    pass


@pytest.mark.req("BR-013")
def test_of_another_requirement() -> None:
    pass
