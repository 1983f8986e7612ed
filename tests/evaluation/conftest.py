"""What the tests of the evaluation share."""

import pytest

from intents.catalogue import Catalogue, load_catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Our own phrases."""
    return load_catalogue()
