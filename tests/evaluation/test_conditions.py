"""Noise and rooms as they are typed, and what they do."""

import numpy as np
import pytest

from errors import EvaluationError
from evaluation import effects
from evaluation.conditions import CLEAN, Wishes
from tests.program import EYELID
from voice.audio import SAMPLE_RATE, read_wav

SPEECH = read_wav(EYELID).samples


def test_each_wish_is_a_condition_beside_the_recording_as_it_is() -> None:
    wishes = Wishes("babble:10, white:20,babble:10", "0.5", "3", "12", telephone=True)
    found = {condition.key: condition for condition in wishes.conditions()}
    assert list(found) == [
        "clean", "babble:10", "white:20", "room:0.5s", "far:3m", "clip:12", "telephone"
    ]  # fmt: skip
    assert found["babble:10"].title == "geroezemoes 10 dB"
    assert (found["white:20"].noise, found["white:20"].snr_db) == ("white", 20.0)
    assert Wishes().conditions() == (CLEAN,)


def test_the_same_seed_gives_the_same_sound_and_another_one_does_not() -> None:
    wishes = Wishes("household:10,babble:10", "0.5", "3", "12", telephone=True)
    for condition in wishes.conditions():
        once = condition.heard(SPEECH, "a.wav", 1)
        assert np.array_equal(once, condition.heard(SPEECH, "a.wav", 1)), condition.key
        assert (condition is CLEAN) == np.array_equal(once, SPEECH), condition.key
    noisy = wishes.conditions()[1]
    assert not np.array_equal(noisy.heard(SPEECH, "a.wav", 1), noisy.heard(SPEECH, "a.wav", 2))
    assert not np.array_equal(noisy.heard(SPEECH, "a.wav", 1), noisy.heard(SPEECH, "b.wav", 1))


def test_what_is_too_loud_is_cut_off() -> None:
    clipped = effects.clip(SPEECH, 12.0)
    at_the_edge = np.mean(np.abs(clipped.astype(int)) >= 32_767)
    assert 0.01 < at_the_edge < 0.5
    assert np.mean(np.abs(effects.clip(SPEECH, 0.0).astype(int)) >= 32_767) < 0.001


def test_a_household_has_a_motor_and_dishes() -> None:
    noise = effects.make_noise("household", 4.0, -30.0, np.random.default_rng(1)).astype(float)
    power = np.abs(np.fft.rfft(noise)) ** 2
    hertz = np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE)
    motor = power[(hertz > 105) & (hertz < 115)].mean()
    assert motor > 10 * power[(hertz > 140) & (hertz < 190)].mean()
    assert np.max(np.abs(noise)) > 4 * np.sqrt(np.mean(noise**2))  # white noise has 4 at most


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        (Wishes("regen:10"), ("'regen'", "babble")),
        (Wishes("babble"), ("--noise", "''")),
        (Wishes("babble:hard"), ("--noise", "'hard'")),
        (Wishes("white:99"), ("--noise", "'99'")),
        (Wishes(room="nan"), ("--room", "'nan'")),
        (Wishes(far="0"), ("--far", "20")),
        (Wishes(clip="-3"), ("--clip", "40")),
    ],
)
def test_what_cannot_be_is_one_sentence(wishes: Wishes, words: tuple[str, ...]) -> None:
    with pytest.raises(EvaluationError) as error:
        wishes.conditions()
    sentence = str(error.value)
    assert sentence.endswith(".")
    assert all(word in sentence for word in words), sentence
