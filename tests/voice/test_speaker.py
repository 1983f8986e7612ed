"""The mouth on a real voice and a real (virtual) sound card."""

import itertools
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soxr
import vosk
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from errors import SoundDeviceError, SpeechEngineError
from tests.program import comes_true
from tests.virtual_sound_card import RECORDING_RATE, Recording, VirtualSoundCard
from voice.audio import SAMPLE_RATE
from voice.earcons import LISTENING
from voice.loudspeaker import Loudspeaker
from voice.portaudio import SOUND_SYSTEM
from voice.sentences import LONGEST_SENTENCE, split_sentences
from voice.speaker import RATE, Speaker, SpeakerSettings, Spoken, SpokenWord, Tape, amplify

SENTENCE = "Een trillend ooglid komt vaak voor."
LONG = " ".join([SENTENCE, "Meestal is het onschuldig.", "Het gaat vanzelf over."] * 3)
PLAIN_TEXT = """Een trillend ooglid komt vaak voor. Meestal is het onschuldig. Slaap genoeg en
drink minder koffie. Leg een warm washandje op uw oog. Duurt het langer dan drie weken? Bel dan uw
huisarts. Hangt uw ooglid, of ziet u slechter? Bel dan vandaag nog."""


@pytest.fixture(scope="module")
def speaker() -> Iterator[Speaker]:
    with Speaker(SpeakerSettings(), Tape()) as speaker:
        yield speaker


@pytest.fixture(scope="module")
def live(sound_card: VirtualSoundCard) -> Iterator[Speaker]:
    """A speaker on the virtual sound card, like the one of a patient."""
    assert sound_card.environment["PULSE_SERVER"] == os.environ["PULSE_SERVER"]
    with Speaker(SpeakerSettings()) as speaker:
        yield speaker


def heard_words(model: vosk.Model, samples: NDArray[np.int16], rate: int) -> list[str]:
    recognizer = vosk.KaldiRecognizer(model, SAMPLE_RATE)
    quiet = np.zeros(SAMPLE_RATE // 2, np.int16)
    sound = np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), np.int16)
    text = ""
    for part in (quiet, sound, quiet):
        if recognizer.AcceptWaveform(part.tobytes()):
            text += str(json.loads(recognizer.Result())["text"]) + " "
    text += str(json.loads(recognizer.FinalResult())["text"])
    return text.replace("huis arts", "huisarts").split()  # two words to the model, one sound


def in_background(call: Callable[[], Spoken]) -> tuple[threading.Thread, list[Spoken]]:
    results: list[Spoken] = []
    thread = threading.Thread(target=lambda: results.append(call()), daemon=True)
    thread.start()
    return thread, results


# What is made of a text


def test_speech_is_understood(speaker: Speaker, model: vosk.Model) -> None:
    speech = speaker.synthesize("Mijn ooglid trilt al dagen. Ga naar uw huisarts.")
    heard = heard_words(model, speech.samples, speech.rate)
    assert {"ooglid", "trilt", "dagen", "huisarts"} <= set(heard)


def test_captions_follow_the_text(speaker: Speaker) -> None:
    text = f"{SENTENCE} Bij ALS: bel 112 of uw huisarts!\n\nTot ziens."
    speech = speaker.synthesize(text)
    assert " ".join(word.text for word in speech.words) == (
        "Een trillend ooglid komt vaak voor Bij ALS bel 112 of uw huisarts Tot ziens"
    )
    for word in speech.words:
        assert text[word.position : word.position + len(word.text)] == word.text
    for one, other in itertools.pairwise(speech.words):
        assert one.start < one.end <= other.start
    assert speech.words[-1].end <= speech.seconds + 0.001
    assert speech.words[6].start - speech.words[5].end == pytest.approx(0.5, abs=0.01)  # a breath


@pytest.mark.parametrize("text", ["", " \n\t ", "...", "?!", "…", "“”", "\0", "- - -"])
def test_nothing_to_say_is_no_words(speaker: Speaker, text: str) -> None:
    speech = speaker.synthesize(text)
    assert not speech.words
    assert speech.seconds < 1
    assert speaker.say(text).completed


@pytest.mark.parametrize(
    "text",
    [
        "<speak>Goed <break time='60s'/> zo &amp; zo</speak>",
        "<speak><audio src='/etc/passwd'/></speak>",
        "Dit is [[ t'Est",
        "]] x [[",
        "\ud800 hallo \udfff",
        "a" * 3_000,
        "Goed 👍🏽 zo",
    ],
)
def test_odd_text_is_mere_text(speaker: Speaker, text: str) -> None:
    speech = speaker.synthesize(text)
    assert 0 < speech.seconds < 0.5 * len(text) + 5
    assert np.abs(speech.samples.astype(np.int32)).max() > 1_000


def test_markup_does_not_make_it_wait(speaker: Speaker) -> None:
    plain = speaker.synthesize("Goed. Zo.").seconds
    assert speaker.synthesize("Goed <break time='60s'/> zo.").seconds < plain + 10


@hypothesis_settings(max_examples=60)
@given(text=st.text(max_size=120))
def test_any_text_can_be_said(speaker: Speaker, text: str) -> None:
    speech = speaker.synthesize(text)
    for word in speech.words:
        assert text[word.position : word.position + len(word.text)] == word.text
        assert 0 <= word.start <= word.end <= speech.seconds + 0.001


def test_very_long_text_is_cut_into_sentences(speaker: Speaker) -> None:
    text = "Dit is een woord en nog een woord, en dan nog een. " * 300
    sentences = list(split_sentences(text))
    assert max(len(sentence.text) for sentence in sentences) <= LONGEST_SENTENCE
    speech = speaker.synthesize(text)
    assert speech.seconds > 300
    assert len(speech.words) > 3_000


@given(text=st.text(alphabet="ab .,!?\n1", max_size=700))
def test_sentences_hold_all_of_the_text(text: str) -> None:
    sentences = list(split_sentences(text))
    assert "".join("".join(s.text.split()) for s in sentences) == "".join(text.split())
    for sentence in sentences:
        assert text[sentence.position :].startswith(sentence.text)
        assert 0 < len(sentence.text) <= LONGEST_SENTENCE


def test_abbreviations_and_numbers_do_not_end_a_sentence() -> None:
    text = "Bel dr. Jansen om 9.30 uur, d.w.z. op tijd. Of niet? Ja... “Goed.” Dat kost 1.200 euro."
    assert [sentence.text for sentence in split_sentences(text)] == [
        "Bel dr. Jansen om 9.30 uur, d.w.z. op tijd.",
        "Of niet?",
        "Ja...",
        "“Goed.”",
        "Dat kost 1.200 euro.",
    ]


def test_words_a_minute_are_what_the_settings_say(speaker: Speaker) -> None:
    for pace in (0.6, 1.0, 1.5, 2.0):
        speech = speaker.synthesize(PLAIN_TEXT, pace)
        rate = len(PLAIN_TEXT.split()) / speech.seconds * 60
        assert rate == pytest.approx(140 * pace, rel=0.1)


@pytest.mark.parametrize("pace", [0.0, -1.0, 1e-9, 1e9])
def test_absurd_pace_is_bounded(speaker: Speaker, pace: float) -> None:
    assert 0.3 < speaker.synthesize(SENTENCE, pace).seconds < 10


@given(gain=st.floats(0, 8), louder=st.floats(1, 3), level=st.integers(-32_768, 32_767))
def test_volume_never_clips_or_turns_around(gain: float, louder: float, level: int) -> None:
    samples = np.array([level, -level // 2, 0], np.int16)
    soft, loud = (amplify(samples, g).astype(np.int32) for g in (gain, gain * louder))
    assert abs(loud[0]) >= abs(soft[0]) - 1
    assert loud[0] * level >= 0
    assert abs(soft[1]) <= abs(soft[0]) + 1
    assert soft[2] == 0


def test_louder_speech_is_still_understood(speaker: Speaker, model: vosk.Model) -> None:
    speech = speaker.synthesize("Ga naar uw huisarts.")
    assert "huisarts" in heard_words(model, amplify(speech.samples, 2.0), speech.rate)


# An engine in trouble


@pytest.mark.parametrize("trouble", [signal.SIGKILL, signal.SIGSTOP])
def test_engine_that_dies_or_hangs_is_replaced(trouble: signal.Signals) -> None:
    with Speaker(SpeakerSettings(), Tape()) as speaker:
        before = speaker.synthesize(SENTENCE).seconds
        engine = speaker._engine
        engine._answer_seconds = 1.0
        first = engine._process.pid
        os.kill(first, trouble)
        engine._answer_seconds = 1.0
        after = speaker.synthesize(SENTENCE).seconds
        assert after == pytest.approx(before, abs=0.05)
        assert engine._process.pid != first
        assert not Path(f"/proc/{first}").exists()


def test_engine_that_stays_broken_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with Speaker(SpeakerSettings(), Tape()) as speaker:
        monkeypatch.setattr(speaker._engine, "_answer_seconds", 0.0)
        with pytest.raises(SpeechEngineError, match="geen antwoord"):
            speaker.say(SENTENCE)
        monkeypatch.undo()
        assert speaker.say(SENTENCE).completed


def test_closed_speaker_starts_no_new_engine() -> None:
    speaker = Speaker(SpeakerSettings(), Tape())
    speaker.close()
    speaker.close()
    with pytest.raises(SpeechEngineError):
        speaker.say(SENTENCE)
    assert speaker._engine._process.poll() is not None


def run_python(code: str, environment: dict[str, str] | None = None, **options: object) -> str:
    setup = "from voice.speaker import *\nfrom voice.earcons import *\nimport os\n"
    answer = subprocess.run(  # type: ignore[call-overload]
        [sys.executable, "-c", setup + code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )
    return str(answer.stdout)


def test_engine_ends_with_a_program_that_is_killed() -> None:
    code = "print(Speaker(SpeakerSettings())._engine._process.pid, flush=True)\n"
    code += "os.kill(os.getpid(), 9)"
    worker = Path("/proc") / run_python(code).strip()
    deadline = time.monotonic() + 20
    while worker.exists() and "(zombie)" not in (worker / "status").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nothing_is_ever_written_to_disk(sound_card: VirtualSoundCard, tmp_path: Path) -> None:
    """Speech is heard in a process (and its engine) that may not write a single byte to a file."""

    def forbid_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    code = (
        f"with Speaker(SpeakerSettings()) as s: print(s.say({SENTENCE!r}).completed,"
        f" len(s.synthesize({SENTENCE!r}).samples) > 0)"
    )
    environment = sound_card.child_environment | {"TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    with sound_card.recording() as recording:
        answer = run_python(code, environment, preexec_fn=forbid_files)
    assert answer == "True True\n"
    assert len(recording.loud()) > 50
    assert not list(tmp_path.rglob("*"))


# No sound card, or not the one asked for


def test_without_a_sound_card_it_still_synthesises() -> None:
    code = (
        "with Speaker(SpeakerSettings()) as s:\n"
        f"  print(s.synthesize({SENTENCE!r}).seconds > 1)\n"
        "  for call in (lambda: s.say('Hallo.'), lambda: s.play(HEARD), s.open):\n"
        "    try: call()\n"
        "    except Exception as error: print(type(error).__name__)\n"
        "  print(s.say('').completed)\n"
    )
    nowhere = {**os.environ, "PULSE_SERVER": "unix:/nowhere", "XDG_RUNTIME_DIR": "/nowhere"}
    if Path("/dev/snd").exists():
        pytest.skip("this machine has a sound card of its own")
    answer = run_python(code, nowhere).split()
    assert answer == ["True", *["SoundDeviceError"] * 3, "True"]


def test_tape_keeps_what_is_said() -> None:
    tape = Tape()
    with Speaker(SpeakerSettings(), tape) as speaker:
        speaker.play(LISTENING)
        spoken = speaker.say(SENTENCE)
        speech = speaker.synthesize(SENTENCE)
    assert spoken.seconds == pytest.approx(speech.seconds, abs=0.01)
    assert len(tape.samples) / RATE == pytest.approx(speech.seconds + LISTENING.seconds, abs=0.01)


def test_unknown_loudspeaker_is_a_sentence(sound_card: VirtualSoundCard) -> None:
    assert sound_card.environment
    with Speaker(SpeakerSettings(device="bestaat niet")) as speaker:
        with pytest.raises(SoundDeviceError, match="bestaat niet"):
            speaker.say(SENTENCE)
        assert speaker.synthesize(SENTENCE).seconds > 1


def test_loudspeaker_is_found_by_a_part_of_its_name(sound_card: VirtualSoundCard) -> None:
    settings = SpeakerSettings(device="PULS")
    with sound_card.recording() as recording, Speaker(settings) as speaker:
        assert speaker.say("Hallo.").completed
        assert recording.wait_for_sound()


def refuse_streams(
    monkeypatch: pytest.MonkeyPatch, refused: Callable[[object, object], bool]
) -> None:
    """Let every loudspeaker refuse the rates and channels of which ``refused`` is true."""
    import sounddevice  # noqa: PLC0415  # needs the sound card

    real = sounddevice.RawOutputStream

    def picky(**options: object) -> object:
        if refused(options["samplerate"], options["channels"]):
            raise sounddevice.PortAudioError("Invalid sample rate", -9997)
        return real(**options)

    monkeypatch.setattr(sounddevice, "RawOutputStream", picky)


def test_device_that_wants_another_format_gets_it(
    sound_card: VirtualSoundCard, monkeypatch: pytest.MonkeyPatch, model: vosk.Model
) -> None:
    refuse_streams(monkeypatch, lambda *form: form != (48_000, 2))
    with sound_card.recording() as recording, Speaker(SpeakerSettings()) as speaker:
        assert speaker.say("Ga naar uw huisarts.").completed
        time.sleep(0.3)
    assert "huisarts" in heard_words(model, recording.samples, RECORDING_RATE)


# Heard, and stopped


def test_text_is_heard_and_waited_for(
    live: Speaker, sound_card: VirtualSoundCard, model: vosk.Model
) -> None:
    with sound_card.recording() as recording:
        told: list[str] = []
        spoken = live.say("Mijn ooglid trilt.", on_word=lambda word: told.append(word.text))
        heard_by_then = len(recording.loud())
        live.say("Bel uw huisarts.")
        time.sleep(0.3)
    assert spoken == Spoken(spoken.seconds, completed=True, characters=len("Mijn ooglid trilt."))
    assert told == ["Mijn", "ooglid", "trilt"]
    assert heard_by_then > 60  # more than 0.6 s of sound
    words = heard_words(model, recording.samples, RECORDING_RATE)
    assert {"ooglid", "huisarts"} <= set(words)
    assert words.index("ooglid") < words.index("huisarts")
    assert words.count("ooglid") == 1


def test_volume_is_heard(live: Speaker, sound_card: VirtualSoundCard) -> None:
    def peak(volume: float) -> int:
        with sound_card.recording() as recording:
            live.say("Ja.", volume=volume)
            time.sleep(0.2)
        return int(np.abs(recording.samples.astype(np.int32)).max())

    assert peak(0.25) < 0.5 * peak(1.0)
    assert peak(0.0) < 10


def test_earcon_is_heard(live: Speaker, sound_card: VirtualSoundCard) -> None:
    with sound_card.recording() as recording:
        assert live.play(LISTENING).completed
        time.sleep(0.3)
    assert 0.03 < len(recording.loud(1_000)) / 100 < 0.5


def stopped(live: Speaker, recording: Recording) -> tuple[Spoken, float]:
    """Stop in mid-speech; give what `say` returned and how long sound went on, in seconds."""
    thread, results = in_background(lambda: live.say(LONG))
    assert recording.wait_for_sound()
    time.sleep(0.5)
    at = time.monotonic()
    live.stop()
    thread.join(10)
    assert not thread.is_alive()
    time.sleep(0.6)
    return results[0], float(recording.loud()[-1]) - at


def test_stop_silences_at_once(live: Speaker, sound_card: VirtualSoundCard) -> None:
    with sound_card.recording() as recording:
        spoken, went_on = stopped(live, recording)
    assert not spoken.completed
    assert 0.1 < spoken.seconds < 5
    assert 0 < spoken.characters < len(LONG)
    assert LONG[spoken.characters] == " "  # whole words
    assert went_on < 0.5  # measured 0.03 to 0.05 on an idle machine; this one may be busy


def test_a_second_stop_takes_back_nothing_of_what_the_first_cut_off(
    live: Speaker, sound_card: VirtualSoundCard
) -> None:
    with sound_card.recording() as recording:
        thread, results = in_background(lambda: live.say(LONG))
        assert recording.wait_for_sound()
        live.stop()
        live.stop()
        thread.join(10)
    assert results[0].seconds < 1.0  # a sentence of some seconds was put


def test_after_a_stop_the_rest_is_forgotten(
    live: Speaker, sound_card: VirtualSoundCard, model: vosk.Model
) -> None:
    with sound_card.recording() as recording:
        stopped(live, recording)
    with sound_card.recording() as recording:
        assert live.say("Bel uw huisarts.").completed
        time.sleep(0.3)
    words = heard_words(model, recording.samples, RECORDING_RATE)
    assert "huisarts" in words
    assert "ooglid" not in words


def test_stop_ends_those_who_wait_their_turn_but_not_those_who_come_later(live: Speaker) -> None:
    threads = [in_background(lambda: live.say(LONG)) for _ in range(3)]
    time.sleep(0.5)
    live.stop()
    for thread, results in threads:
        thread.join(10)
        assert [spoken.completed for spoken in results] == [False]
    live.stop()
    assert live.say("Ja.").completed


def test_texts_of_two_threads_do_not_mix(speaker: Speaker) -> None:
    tape = speaker._output
    assert isinstance(tape, Tape)
    before = len(tape.samples)
    threads = [in_background(lambda: speaker.say(SENTENCE)) for _ in range(4)]
    for thread, results in threads:
        thread.join(20)
        assert results[0].completed
    said = (len(tape.samples) - before) / RATE
    assert said == pytest.approx(4 * speaker.synthesize(SENTENCE).seconds, abs=0.1)


# A sound server that comes and goes


def test_sound_server_that_restarted_is_found_again(
    live: Speaker, sound_card: VirtualSoundCard
) -> None:
    assert live.say("Ja.").completed
    sound_card.restart()
    with sound_card.recording() as recording:
        assert live.say(SENTENCE).completed
        assert recording.wait_for_sound()


def test_after_a_rest_it_is_heard_at_once(live: Speaker, sound_card: VirtualSoundCard) -> None:
    live.rest()  # nothing was said yet: nothing rests
    for _ in range(3):
        with sound_card.recording() as recording:
            assert live.say("Ja.").completed
            assert recording.wait_for_sound()
        live.rest()
        live.rest()


def test_sound_server_that_restarted_during_a_rest_is_found_again(
    live: Speaker, sound_card: VirtualSoundCard
) -> None:
    assert live.say("Ja.").completed
    live.rest()
    sound_card.restart()
    with sound_card.recording() as recording:
        assert live.say(SENTENCE).completed
        assert recording.wait_for_sound()


def test_speech_goes_on_where_the_server_restarts_under_it(
    live: Speaker, sound_card: VirtualSoundCard
) -> None:
    thread, results = in_background(lambda: live.say(LONG))
    time.sleep(1.5)
    sound_card.restart()
    with sound_card.recording() as recording:
        assert recording.wait_for_sound()
        live.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert not results[0].completed


@pytest.mark.parametrize("forms", [[(22_050, 1), (48_000, 2)], [(48_000, 2), (22_050, 1)]])
def test_what_is_still_to_be_heard_is_heard_where_the_loudspeaker_takes_another_format(
    sound_card: VirtualSoundCard,
    monkeypatch: pytest.MonkeyPatch,
    model: vosk.Model,
    forms: list[tuple[int, int]],
) -> None:
    text = "Het is meestal onschuldig, maar hangt uw mond scheef, bel dan nu uw huisarts."
    before, after = forms
    generation = SOUND_SYSTEM.generation

    def refused(*form: object) -> bool:
        return form != (before if SOUND_SYSTEM.generation == generation else after)

    refuse_streams(monkeypatch, refused)
    with sound_card.recording() as recording, Speaker(SpeakerSettings()) as speaker:
        thread, results = in_background(lambda: speaker.say(text))
        assert recording.wait_for_sound()
        SOUND_SYSTEM.renew(generation)  # as where the default device has moved
        thread.join(20)
        time.sleep(0.3)
    assert results == [Spoken(results[0].seconds, completed=True, characters=len(text))]
    assert "huisarts" in heard_words(model, recording.samples, RECORDING_RATE)


def test_a_loudspeaker_that_came_after_portaudio_started_is_found(
    sound_card: VirtualSoundCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = SOUND_SYSTEM.generation
    refuse_streams(monkeypatch, lambda *_: SOUND_SYSTEM.generation == generation)
    with sound_card.recording() as recording, Speaker(SpeakerSettings()) as speaker:
        assert speaker.say("Ja.").completed
        assert recording.wait_for_sound()
    assert SOUND_SYSTEM.generation == generation + 1


@pytest.mark.parametrize(("seconds", "renewals"), [(60.0, 1), (0.0, 3)])
def test_a_loudspeaker_that_stays_away_is_looked_for_now_and_then(
    sound_card: VirtualSoundCard, monkeypatch: pytest.MonkeyPatch, seconds: float, renewals: int
) -> None:
    assert sound_card.environment
    monkeypatch.setattr("voice.speaker._RENEWAL_SECONDS", seconds)
    refuse_streams(monkeypatch, lambda *_: True)
    generation = SOUND_SYSTEM.generation
    with Speaker(SpeakerSettings()) as speaker:
        for _ in range(3):
            with pytest.raises(SoundDeviceError, match="doet het niet"):
                speaker.say("Ja.")
    assert SOUND_SYSTEM.generation == generation + renewals


def test_a_look_for_the_loudspeaker_does_not_keep_who_speaks(
    sound_card: VirtualSoundCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sound_card.environment
    go_on = threading.Event()
    monkeypatch.setattr("voice.portaudio._restart", lambda _: go_on.wait(20))
    refuse_streams(monkeypatch, lambda *_: True)
    with Speaker(SpeakerSettings()) as speaker:
        begin = time.monotonic()
        with pytest.raises(SoundDeviceError, match="doet het niet"):
            speaker.say("Ja.")
        assert time.monotonic() - begin < 15
    go_on.set()
    with SOUND_SYSTEM.lock:  # until that renewal has ended
        pass


def test_sound_server_that_is_gone_is_a_sentence_and_no_hang(
    live: Speaker, sound_card: VirtualSoundCard
) -> None:
    sound_card.kill()
    try:
        with pytest.raises(SoundDeviceError):
            live.say(LONG)
    finally:
        sound_card.start()
    assert live.say("Ja.").completed


@pytest.mark.parametrize("stops", [True, False])
def test_a_loudspeaker_that_died_long_ago_and_is_back_takes_the_next_sentence(
    live: Speaker, sound_card: VirtualSoundCard, stops: bool
) -> None:
    """It died under a sentence that was stopped, or under the last sound of one."""
    thread, _ = in_background(lambda: live.say(LONG))
    time.sleep(1.5)
    loudspeaker = live._output
    assert isinstance(loudspeaker, Loudspeaker)
    sound_card.kill()
    try:
        assert comes_true(lambda: loudspeaker._dead_since is not None, 20)
        died = loudspeaker._dead_since
        live.stop()
        thread.join(20)
    finally:
        sound_card.start()
    if stops:
        assert loudspeaker._dead_since is None
    else:
        loudspeaker._dead_since = died
    time.sleep(5)
    with sound_card.recording() as recording:
        assert live.say("Ja.").completed
        assert recording.wait_for_sound()


def test_what_was_made_before_the_voice_broke_down_is_heard_to_its_end(
    live: Speaker, sound_card: VirtualSoundCard
) -> None:
    first = "Bel nu 112, of laat iemand anders voor u bellen."
    engine, told = live._engine, list[str]()
    before = engine._answer_seconds

    def break_down(word: SpokenWord) -> None:
        engine._answer_seconds = 0.0
        told.append(word.text)

    try:
        with sound_card.recording() as recording:
            with pytest.raises(SpeechEngineError):
                live.say(f"{first} Waarschuw ook meteen de balie.", on_word=break_down)
            time.sleep(0.3)
    finally:
        engine._answer_seconds = before
    assert " ".join(told) == first.replace(",", "").rstrip(".")
    heard = recording.loud()
    assert heard[-1] - heard[0] > 0.9 * live.synthesize(first).seconds


def test_who_waits_for_that_can_still_stop_it(
    live: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    render, rendered, told = live._engine.render, list[str](), list[str]()

    def render_once(text: str, **properties: int) -> object:
        rendered.append(text)
        if len(rendered) > 1:
            threading.Timer(0.3, live.stop).start()
            raise SpeechEngineError("De stem geeft geen antwoord.")
        return render(text, **properties)

    monkeypatch.setattr(live._engine, "render", render_once)
    with pytest.raises(SpeechEngineError):
        live.say(
            f"{SENTENCE[:-1]}, en het is onschuldig. Ja.",
            on_word=lambda word: told.append(word.text),
        )
    assert 0 < len(told) < len(SENTENCE.split()) + 4  # of what was stopped no word is told


def test_a_slow_voice_is_not_taken_for_a_dead_loudspeaker(
    live: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    render = live._engine.render

    def slowly(text: str, **properties: int) -> object:
        time.sleep(4.5)
        return render(text, **properties)

    monkeypatch.setattr("voice.speaker._MARGIN_SECONDS", 3.0)
    monkeypatch.setattr(live._engine, "render", slowly)
    live.open()
    assert live.say("Het is onschuldig.").completed
