import json
from pathlib import Path

import pytest

from support.foundation.errors import ConfigurationError
from support.proving import proof
from support.proving.proof import Catch

CATCHES = (Catch("one", "BR-001", ("unit",)), Catch("other", "BR-002", (), "no unit is planned"))


def test_a_proof_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(proof.as_json(CATCHES)))

    assert proof.load(path) == CATCHES


def test_what_is_no_proof_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "proof.json"
    path.write_text('{"faults": [{"name": "one"}]}')

    with pytest.raises(ConfigurationError, match="requirement"):
        proof.load(path)
