"""One matcher for all tests of the meaning; what it learns is kept for the session only."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from intents.catalogue import Catalogue, load_catalogue
from intents.matcher import Matcher

HERE = Path(__file__).parent


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache folder of our own, so that no test depends on an earlier run."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="session")
def matcher(catalogue: Catalogue, cache: Path) -> Matcher:
    assert cache.is_dir()
    return Matcher(catalogue)
