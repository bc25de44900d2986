from pathlib import Path

import pytest

from support.linting import project as projects
from support.linting.project import Project

SAMPLES = Path(__file__).parents[1] / "data" / "lint"


@pytest.fixture(scope="session")
def sample_project() -> Project:
    """The project that samples are judged by."""
    return projects.load(SAMPLES / "project")
