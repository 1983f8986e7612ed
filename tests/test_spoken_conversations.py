"""Written conversations through real sound, in at one end and out at the other.

Voices that the speech model never learnt from speak; it hears them; the answer is said aloud, and
heard again by the same model.
"""

import itertools
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
import soxr
import vosk
from numpy.typing import NDArray
from rapidfuzz import fuzz

from audio_fixtures.voices import speak, voices_for
from evaluation.effects import surround
from intents.catalogue import load_catalogue
from intents.matcher import Matcher
from responses.library import load_library
from responses.reply import Reply
from tests.program import RECORDINGS
from tests.responses.script import Player
from voice.audio import SAMPLE_RATE, read_wav
from voice.recognizer import Utterance, transcribe
from voice.speaker import Speaker, SpeakerSettings, amplify
from voice.speech_model import find_model

CONVERSATIONS = Path(__file__).parent / "responses" / "conversations"
SPOKEN = (
    "alarm-midden-in-een-antwoord",
    "alarm-stop",
    "alarm-thuis",
    "een-heel-gesprek",
    "hulp",
    "nieuwe-klacht-laat-de-oude-los",
    "stop-na-een-antwoord",
    "thuis-profiel",
    "toch-meer-na-nee",
    "traag-antwoord",
    "van-gedachten-veranderd",
)
"""Not the personal profile: at 245 words a minute the model, unlike its users, loses the thread."""
ALIKE = 75.0
"""Of 100: how much of a sentence that we say must be heard again, letter by letter."""
EMERGENCY = "een een twee"
LONGEST = 25
"""Words of an answer that are listened to; hearing all of each would take minutes."""

needs_voices = pytest.mark.skipif(
    not voices_for("benchmark"), reason="NO SPOKEN CONVERSATIONS: no espeak-ng here"
)


class Studio:
    """Speaks and hears: the two ends of the wire. What was once made is kept."""

    def __init__(self, speaker: Speaker, model: vosk.Model) -> None:
        self._speaker = speaker
        self._model = model
        self._heard: dict[tuple[str, float], str] = {}
        self._voices = itertools.cycle(("edward", "hugo", "grandpa", "klatt3"))

    @cached_property
    def _recordings(self) -> dict[str, Path]:
        """But for those that are known not to be understood."""
        known = tomllib.loads((RECORDINGS / "known_failures.toml").read_text("utf-8"))
        return {
            file.stem.replace("_", " "): file
            for file in RECORDINGS.rglob("*.wav")
            if file.relative_to(RECORDINGS).as_posix() not in known
        }

    def say(self, text: str) -> Utterance:
        """A patient says it: a recording of ours, or else one voice after the other."""
        recording = self._recordings.get(text.lower())
        sound = read_wav(recording).samples if recording else speak(text, next(self._voices))
        (utterance, *more) = self.hear(sound)
        assert not more
        return utterance

    def listen(self, reply: Reply) -> str:
        """What is heard of our own answer."""
        key = (reply.text, reply.pace)
        if key not in self._heard:
            speech = self._speaker.synthesize(_shortened(reply.text), reply.pace)
            sound = soxr.resample(amplify(speech.samples, reply.volume), speech.rate, SAMPLE_RATE)
            self._heard[key] = " ".join(utterance.text for utterance in self.hear(sound))
        return self._heard[key]

    def hear(self, sound: NDArray[np.int16]) -> list[Utterance]:
        """Hear it with the quiet of a room around it."""
        return list(transcribe(self._model, [surround(sound, 0.5, 1.5).tobytes()]))


@dataclass
class SpokenPlayer(Player):
    """Plays a script with sound in between: what it expects must be heard, too."""

    studio: Studio | None = None

    def _say(self, text: str, result: str | None) -> None:
        assert result is None, "a result that is given can't be heard"
        assert self.studio is not None
        utterance = self.studio.say(text)
        understood = self.matcher.understand(
            utterance.text, utterance.alternatives, utterance.clarity
        )
        self._respond(understood, utterance.text)

    def _check(self, what: str, value: str) -> None:
        super()._check(what, value)
        if what in ("antwoord", "alarm"):
            assert self.reply is not None
            assert self.studio is not None
            if value in _shortened(self.reply.text):
                heard = self.studio.listen(self.reply)
                likeness = fuzz.partial_ratio(value.lower().replace("112", EMERGENCY), heard)
                assert likeness >= ALIKE, f"'{value}' is niet te horen in: {heard}"


def _shortened(text: str) -> str:
    """The first sentences of a text."""
    words = text.split()
    ends = [count for count, word in enumerate(words, 1) if word[-1] in ".?" and count >= LONGEST]
    return " ".join(words[: min(ends, default=len(words))])


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with Speaker(SpeakerSettings()) as speaker:
        yield Studio(speaker, find_model(None, {}).load())


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_catalogue())


@needs_voices
@pytest.mark.parametrize("name", SPOKEN)
def test_a_written_conversation_is_heard_and_said(
    name: str, studio: Studio, matcher: Matcher
) -> None:
    player = SpokenPlayer(load_library(), matcher, studio=studio)
    for line in (CONVERSATIONS / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.strip():
            player.play(line.strip())
