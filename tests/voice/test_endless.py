"""Sound that never ends: no answer, no growth, no lag."""

from collections.abc import Callable
from functools import partial

import numpy as np
import psutil
import pytest
import vosk
from numpy.typing import NDArray

from evaluation.effects import set_level
from intents.catalogue import load_catalogue
from intents.completeness import CompletenessJudge
from intents.matcher import Matcher
from intents.results import NotRecognized
from tests.voice.conftest import Say
from voice.audio import SAMPLE_RATE
from voice.listener import PIECE_BYTES, Listener, RecognizerSettings
from voice.utterances import Utterance

SETTINGS = RecognizerSettings(renew_seconds=10.0)
SECONDS = 30.0
LONGEST = SETTINGS.longest_seconds + 1.5
MEGABYTE = 2**20


def tone(seconds: float) -> NDArray[np.int16]:
    """A whistle that got stuck."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(6_000 * np.sin(2 * np.pi * 997 * times), np.int16)


def music(seconds: float) -> NDArray[np.int16]:
    """Chords over a beat, in a new key each half second."""
    dice = np.random.default_rng(3)
    times = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE
    bars = []
    for root in 220 * 2 ** (dice.integers(-5, 12, round(2 * seconds)) / 12):
        chord = sum(
            np.sin(2 * np.pi * root * step * n * times) / n
            for step in (1, 1.26, 1.5)
            for n in range(1, 5)
        )
        beat = dice.standard_normal(len(times)) * np.exp(-times / 0.02)
        bars.append(1_200 * np.asarray(chord) * np.exp(-times / 0.4) + 4_000 * beat)
    return np.asarray(np.clip(np.concatenate(bars), -32_768, 32_767), np.int16)


def television(say: Say, seconds: float) -> NDArray[np.int16]:
    """One voice that never pauses."""
    talk = say(
        "in de tweede helft scoorde de spits", 0.1, "morgen gaat het de hele dag regenen", 0.1
    )
    return set_level(np.resize(talk, round(seconds * SAMPLE_RATE)), -25.0)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_catalogue())


@pytest.mark.parametrize("kind", ["tone", "music", "television"])
def test_it_gives_no_answer_and_does_not_grow(
    kind: str, model: vosk.Model, matcher: Matcher, say: Say
) -> None:
    sounds: dict[str, Callable[[float], NDArray[np.int16]]] = {
        "tone": tone,
        "music": music,
        "television": partial(television, say),
    }
    sound = sounds[kind](SECONDS)
    listener = Listener(model, SETTINGS, CompletenessJudge(matcher))
    process = psutil.Process()
    heard: list[Utterance] = []
    oldest = before = 0.0
    data = sound.tobytes()
    for at in range(0, len(data), PIECE_BYTES):
        events = list(listener.hear(data[at : at + PIECE_BYTES]))
        heard += [event for event in events if isinstance(event, Utterance)]
        if not listener._asleep:
            oldest = max(oldest, listener.now - listener._decoder.begins_at)
        if at <= len(data) // 3:
            before = process.memory_info().rss
    assert process.memory_info().rss - before < 30 * MEGABYTE
    for utterance in heard:
        assert utterance.end - utterance.start < LONGEST
        assert isinstance(matcher.understand(utterance.text), NotRecognized), utterance.text
    assert oldest < SETTINGS.renew_seconds + LONGEST  # Vosk's own memory grows with each second


def test_what_a_sentence_took_is_given_back_once_it_is_quiet(model: vosk.Model, say: Say) -> None:
    listener = Listener(model, RecognizerSettings())
    process = psutil.Process()
    most = 0

    def hear(data: bytes) -> None:
        for at in range(0, len(data), PIECE_BYTES):
            list(listener.hear(data[at : at + PIECE_BYTES]))

    for _ in range(3):
        hear(television(say, SECONDS).tobytes())
        most = max(most, process.memory_info().rss)
        hear(bytes(10 * SAMPLE_RATE))
        assert most - process.memory_info().rss > 20 * MEGABYTE


def test_it_is_given_back_where_a_sentence_was_waited_for_longer(
    model: vosk.Model, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[bool] = []
    monkeypatch.setattr("voice.heap.give_back", lambda: given.append(True))
    listener = Listener(model, RecognizerSettings(join_pause_seconds=5.0))
    sound = say("mijn ooglid trilt", 0.5).tobytes() + bytes(20 * SAMPLE_RATE)
    for at in range(0, len(sound), PIECE_BYTES):
        list(listener.hear(sound[at : at + PIECE_BYTES]))
    assert given
