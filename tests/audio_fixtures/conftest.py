"""What all tests of the recordings share: the embedded model and the matcher, loaded once."""

import pytest
import vosk

from intents.catalogue import Catalogue, load_catalogue
from intents.matcher import Matcher
from voice.speech_model import EMBEDDED, find_model


@pytest.fixture(scope="session")
def model() -> vosk.Model:
    """The model that the product carries: what is listed as known failures is true of this one."""
    return find_model(EMBEDDED, {}).load()


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """Our own phrases."""
    return load_catalogue()


@pytest.fixture(scope="session")
def matcher(catalogue: Catalogue) -> Matcher:
    """Understands our own phrases."""
    return Matcher(catalogue)
