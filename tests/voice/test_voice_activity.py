"""Speech gets through, however soft or short; a refrigerator, a keyboard and a piano do not."""

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import vosk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from evaluation.effects import add_noise, make_noise, set_level
from tests.voice.conftest import Say, room
from voice.audio import SAMPLE_RATE
from voice.listener import PIECE_BYTES, Listener, RecognizerSettings
from voice.recognizer import transcribe
from voice.utterances import Partial, Utterance
from voice.voice_activity import VoiceActivity, VoiceActivitySettings

Samples = NDArray[np.int16]
EYELID = "mijn ooglid trilt al dagen"
ANY_SOUND = RecognizerSettings(
    voice_activity=VoiceActivitySettings(wake_probability=0.0, word_probability=0.0)
)


def _rng() -> np.random.Generator:
    return np.random.default_rng(7)


def _seconds(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _struck(tones: list[float], decay: float) -> NDArray[np.float64]:
    """Something that rings for 0.5 s; each tone is weaker than the one before."""
    time = _seconds(0.5)
    return np.asarray(
        sum(np.sin(2 * np.pi * tone * time) / n for n, tone in enumerate(tones, 1))
        * np.exp(-time / decay)
    )


def _hum() -> Samples:
    return make_noise("hum", 12.0, -35.0, _rng())


def _room() -> Samples:
    return make_noise("room", 12.0, -35.0, _rng())


def _white() -> Samples:
    return make_noise("white", 12.0, -40.0, _rng())


def _typing() -> Samples:
    sound, rng = np.zeros(12 * SAMPLE_RATE), _rng()
    for start in np.cumsum(rng.uniform(0.07, 0.4, 45)) * SAMPLE_RATE:
        length = min(400, len(sound) - int(start))
        if length > 0:
            click = rng.standard_normal(length) * np.exp(-np.arange(length) / 80)
            sound[int(start) : int(start) + length] += 3_000 * click
    return np.asarray(np.clip(sound, -32_768, 32_767), np.int16) + room(12.0, 20.0)


def _doors() -> Samples:
    blow = _struck([180.0, 497.0, 940.0], 0.08)
    return np.asarray(np.tile(np.pad(blow * 4_000, (0, SAMPLE_RATE)), 8), np.int16)


def _piano() -> Samples:
    roots = 220 * 2 ** (_rng().integers(-5, 12, 24) / 12)
    chords = [
        sum(_struck([root * step * n for n in range(1, 6)], 0.4) for step in (1, 1.26, 1.5))
        for root in roots
    ]
    return np.asarray(1_500 * np.concatenate(chords), np.int16)


def _events(
    model: vosk.Model, samples: Samples, settings: RecognizerSettings | None = None
) -> list[Utterance | Partial]:
    listener = Listener(model, settings or RecognizerSettings())
    data = samples.tobytes()
    events: list[Utterance | Partial] = []
    for at in range(0, len(data), PIECE_BYTES):
        events += listener.hear(data[at : at + PIECE_BYTES])
    return [*events, *listener.finish()]


def _texts(model: vosk.Model, samples: Samples) -> list[str]:
    return [utterance.text for utterance in transcribe(model, [samples.tobytes()])]


# --- what must not be answered


SOUNDS = (_hum, _room, _white, _typing, _doors, _piano)


@pytest.mark.parametrize("sound", SOUNDS)
def test_sound_without_speech_is_no_word(sound: Callable[[], Samples], model: vosk.Model) -> None:
    assert _events(model, sound()) == []


def test_the_speech_model_alone_would_hear_words_there(model: vosk.Model) -> None:
    assert any(_events(model, sound(), ANY_SOUND) for sound in SOUNDS)


def test_words_that_hum_adds_before_speech_are_left_out(model: vosk.Model, say: Say) -> None:
    speech = say(4.0, "stop", 4.0)
    hum = make_noise("hum", len(speech) / SAMPLE_RATE, -38.0, _rng())
    assert _texts(model, speech + hum) == ["stop"]


def _chatter(say: Say, seconds: float) -> Samples:
    """A full waiting room: nine people who talk all the time."""
    talk = say("neemt u nog koffie", 0.2, "wij gaan morgen naar zee", 0.2, "het was druk op de weg")
    people = [np.resize(np.roll(talk, start), round(seconds * SAMPLE_RATE)) for start in
              _rng().integers(0, len(talk), 9)]  # fmt: skip
    return set_level(np.asarray(np.sum(people, axis=0, dtype=np.int32) // 8, np.int16), -40.0)


def test_a_full_waiting_room_is_not_spoken_to(model: vosk.Model, say: Say) -> None:
    heard = _events(model, _chatter(say, 20.0))
    assert all(event.start < 3.5 for event in heard if isinstance(event, Utterance))
    assert all(event.at < 6.0 for event in heard if isinstance(event, Partial))


def test_who_is_nearer_than_the_waiting_room_is_heard(model: vosk.Model, say: Say) -> None:
    speech = np.concatenate([room(8.0), set_level(say(EYELID), -25.0), room(2.0)])
    texts = _texts(model, speech + _chatter(say, len(speech) / SAMPLE_RATE))
    assert "ooglid trilt" in texts[-1]


def test_who_talks_for_long_is_heard_to_the_end(model: vosk.Model, say: Say) -> None:
    long = [EYELID, 0.4, "ik voel me gezond", 0.5, "mijn kuit trekt steeds samen", 0.6] * 3
    text = " ".join(_texts(model, say(*long, 2.0)))
    assert text.count("ooglid") == 3
    assert text.count("kuit") == 3


def test_vosk_sleeps_while_nobody_speaks(model: vosk.Model) -> None:
    listener = Listener(model, RecognizerSettings(renew_seconds=5.0))
    sound = _room().tobytes()
    decoders = set()
    for at in range(0, len(sound), PIECE_BYTES):
        assert list(listener.hear(sound[at : at + PIECE_BYTES])) == []
        decoders.add(listener._decoder)
    assert len(decoders) == 2  # one that rests; one that listens would have been renewed


# --- what must get through


@pytest.mark.parametrize("word", ["ja", "nee", "stop"])
@pytest.mark.parametrize("dbfs", [-20.0, -45.0])
def test_a_short_command_is_heard_loud_and_soft(
    word: str, dbfs: float, model: vosk.Model, say: Say
) -> None:
    speech = np.concatenate([room(3.0, 4.0), set_level(say(word), dbfs), room(2.0, 4.0)])
    assert _texts(model, speech) == [word]


@pytest.mark.parametrize("noise", ["room", "white", "hum"])
def test_a_sentence_is_heard_in_noise(noise: str, model: vosk.Model, say: Say) -> None:
    speech = add_noise(say(2.0, EYELID, 2.0), noise, 15.0, _rng())  # type: ignore[arg-type]
    (text,) = _texts(model, speech)
    assert "ooglid trilt" in text


def test_no_first_word_is_lost_after_long_silence(model: vosk.Model, say: Say) -> None:
    for text in (EYELID, "stop", "hoe kan dat"):
        assert _texts(model, say(6.0, text, 6.0, text, 2.0)) == [text, text]


# --- the module itself


def _activity(samples: Samples, step: int = 1_600) -> VoiceActivity:
    activity = VoiceActivity(VoiceActivitySettings(), seconds=20.0)
    for start in range(0, len(samples), step):
        piece = samples[start : start + step]
        activity.add(piece, (start + len(piece)) / SAMPLE_RATE)
    return activity


def test_it_tells_when_somebody_spoke(say: Say) -> None:
    speech = say(EYELID)
    end = 3.0 + len(speech) / SAMPLE_RATE
    activity = _activity(np.concatenate([room(3.0), speech, room(3.0)]))
    assert activity.is_speech(3.0, end)
    assert activity.is_speech(3.5, 3.6)
    assert not activity.is_speech(1.0, 1.5)
    assert not activity.is_speech(end + 1.0, end + 1.5)
    assert not activity.noticed


def test_it_tells_whether_people_paused(say: Say) -> None:
    endless = np.concatenate([say("wij gaan morgen weer naar zee")] * 4)
    end = len(endless) / SAMPLE_RATE
    assert _activity(endless).is_unbroken(0.0, end)
    assert not _activity(endless).is_unbroken(end - 2.0, end)  # too short to tell
    assert not _activity(np.concatenate([endless, room(1.0)])).is_unbroken(0.0, end + 1.0)


def test_it_notices_speech_at_once_and_forgets_it(say: Say) -> None:
    activity = _activity(np.concatenate([room(1.0), say("ja")[: SAMPLE_RATE // 4]]))
    noticed = activity.noticed
    activity.clear()
    assert (noticed, activity.noticed) == (True, False)
    assert not activity.is_speech(0.0, 2.0)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 3_000), max_size=12))
def test_pieces_of_any_length_give_the_same(say: Say, lengths: list[int]) -> None:
    samples = np.concatenate([room(0.5), say("stop"), room(0.5)])
    whole = _activity(samples, len(samples))
    bounds = [0, *np.minimum(np.cumsum([0, *lengths]), len(samples)), len(samples)]
    cut = VoiceActivity(VoiceActivitySettings(), seconds=20.0)
    for start, end in pairwise(bounds):
        cut.add(samples[start:end], end / SAMPLE_RATE)
    assert list(cut._frames) == list(whole._frames)
    assert cut._until == whole._until


def test_any_time_may_be_asked_for() -> None:
    activity = _activity(room(1.0))

    @given(start=st.floats(-1e6, 1e6), length=st.floats(0, 1e4))
    def ask(start: float, length: float) -> None:
        assert not activity.is_speech(start, start + length)

    ask()


def test_it_computes_in_one_thread_and_leaves_the_environment_alone() -> None:
    program = (
        "import os, numpy as np\n"
        "from voice.voice_activity import VoiceActivity, VoiceActivitySettings\n"
        "before = len(os.listdir('/proc/self/task'))\n"
        "noise = np.random.default_rng(0).normal(0, 900, 16_000).astype(np.int16)\n"
        "VoiceActivity(VoiceActivitySettings(), 5.0).add(noise, 1.0)\n"
        "print(len(os.listdir('/proc/self/task')) - before, os.environ.get('OMP_THREAD_LIMIT'))"
    )
    for limit in (None, "3"):
        environment = {**os.environ, "OMP_THREAD_LIMIT": limit or ""}
        if limit is None:
            del environment["OMP_THREAD_LIMIT"]
        ran = subprocess.run(
            [sys.executable, "-c", program],
            env=environment, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        assert ran.stdout.split() == ["0", str(limit)]
