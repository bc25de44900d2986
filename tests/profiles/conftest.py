from pathlib import Path

import pytest

from support.profiles import catalog as catalogs
from support.profiles.catalog import Catalog

CATALOG = """\
dimensions:
  sdk:
    title: SDK
    derives: [encrypt_sdk, decrypt_sdk]
    values: {go: {title: Go}, python: {title: Python}, java: {title: Java}}
  format:
    title: Container format
    values: {ztdf: {title: ZTDF}, nano: {title: NanoTDF}}
  target_version:
    title: Version that a writer targets
    values:
      4.2.2: {title: the older, needs: {encrypt_sdk: [hexaflexible], decrypt_sdk: [hexless]}}
      4.3.0: {title: the newer}
"""


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    path = tmp_path / "catalog.yaml"
    path.write_text(CATALOG)
    return catalogs.load(path)
