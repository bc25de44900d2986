from tests.profiles.conftest import catalog

__all__ = ["catalog"]
