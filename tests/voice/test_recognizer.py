"""The ears: whole sentences from any stream, in bounded memory, and no way to hang or kill them."""

import functools
import itertools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import vosk
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rapidfuzz import fuzz

from errors import AudioFileError, SpeechModelError
from tests.voice.conftest import Say, room
from voice.audio import SAMPLE_RATE
from voice.decoder import Decoder
from voice.listener import PIECE_BYTES, Listener
from voice.recognizer import Partial, Recognizer, RecognizerSettings, Utterance, transcribe
from voice.speech_model import EMBEDDED

EYELID = "mijn ooglid trilt al dagen"
CALF = "mijn kuit trekt steeds samen"
PATIENCE = 30.0  # seconds; what takes longer hangs


def _blocks(samples: NDArray[np.int16], seconds: float = 0.1) -> Iterator[bytes]:
    step = round(seconds * SAMPLE_RATE)
    for start in range(0, len(samples), step):
        yield samples[start : start + step].tobytes()


def _heard(
    model: vosk.Model, samples: NDArray[np.int16], settings: RecognizerSettings | None = None
) -> list[Utterance]:
    return list(transcribe(model, _blocks(samples), settings))


def _are(utterances: list[Utterance], *sentences: str) -> bool:
    """Whether these were heard; Vosk adds noise of its own, so now and then a word differs."""
    return len(utterances) == len(sentences) and all(
        fuzz.ratio(utterance.text, sentence) > 80
        for utterance, sentence in zip(utterances, sentences, strict=True)
    )


def _texts(utterances: list[Utterance]) -> list[str]:
    return [utterance.text for utterance in utterances]


def _in_background(action: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    return thread


# --- what it hears


def test_a_sentence_is_heard_with_the_times_of_its_words(model: vosk.Model, say: Say) -> None:
    sound = say(0.5, EYELID, 2.0)
    (utterance,) = _heard(model, sound)
    assert _are([utterance], EYELID)
    assert [word.text for word in utterance.words] == utterance.text.split()
    assert all(before.end <= after.start for before, after in itertools.pairwise(utterance.words))
    assert all(word.start < word.end and 0 < word.confidence <= 1 for word in utterance.words)
    assert abs(utterance.start - 0.5) < 0.2
    assert abs(utterance.end - (len(sound) / SAMPLE_RATE - 2.0)) < 0.2
    assert utterance.end < utterance.settled_at < utterance.end + 2.0


@pytest.mark.parametrize("sentence", [EYELID, "stop", "nee"])
def test_nothing_is_lost_where_the_sound_begins_and_ends_with_speech(
    sentence: str, model: vosk.Model, say: Say
) -> None:
    assert _are(_heard(model, say(sentence)), sentence)


@pytest.mark.parametrize("pause", [0.3, 0.6, 0.8])
def test_parts_of_a_sentence_are_joined(pause: float, model: vosk.Model, say: Say) -> None:
    (utterance,) = _heard(model, say(0.5, EYELID, pause, CALF, 2.0))
    assert _are([utterance], f"{EYELID} {CALF}")
    assert [word.text for word in utterance.words] == utterance.text.split()


@pytest.mark.parametrize("pause", [1.2, 1.5, 4.0])
def test_sentences_are_kept_apart(pause: float, model: vosk.Model, say: Say) -> None:
    first, second = _heard(model, say(0.5, EYELID, pause, CALF, 2.0))
    assert _are([first, second], EYELID, CALF)
    assert abs(second.start - first.end - pause) < 0.3
    assert first.settled_at < second.end


def test_how_long_a_pause_may_be_is_a_setting(model: vosk.Model, say: Say) -> None:
    sound = say(0.5, EYELID, 1.4, CALF, 3.0)
    assert len(_heard(model, sound, RecognizerSettings(join_pause_seconds=2.0))) == 1


def test_who_speaks_on_is_not_cut_wherever_vosk_sees_an_end(
    model: vosk.Model, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sees one in words that it can't make out; here after any word: the worst case of that."""
    accept = Decoder.accept

    def accept_and_end(self: Decoder, piece: bytes) -> bool:
        return accept(self, piece) or bool(self.partial())

    monkeypatch.setattr(Decoder, "accept", accept_and_end)
    utterances = _heard(model, say(0.5, EYELID, 0.3, CALF, 2.0))
    assert _are(utterances, f"{EYELID} {CALF}")


def test_weaker_voices_in_the_room_are_left_out(model: vosk.Model, say: Say) -> None:
    chatter = np.resize(say("er komt een bui aan", 0.5, "dat is de overgang"), 9 * SAMPLE_RATE)
    begin = len(say("er komt een bui aan")) / SAMPLE_RATE + 0.25
    speech = say(begin, EYELID, 3.0)
    first = _heard(model, speech + chatter[: len(speech)] // 20)[0]
    assert _are([first], EYELID)
    assert first.settled_at < len(speech) / SAMPLE_RATE - 0.5


def test_endless_speech_is_cut(model: vosk.Model, say: Say) -> None:
    sentences = 14
    sound = say(*[EYELID, 0.2] * sentences)
    assert len(sound) > 24 * SAMPLE_RATE
    utterances = _heard(model, sound)
    assert len(utterances) > 1
    assert all(utterance.end - utterance.start < 16 for utterance in utterances)
    words = " ".join(_texts(utterances)).split()
    assert words.count("ooglid") >= sentences - 2  # a cut may go through a word


def test_other_readings_come_along_where_the_recogniser_doubts(model: vosk.Model, say: Say) -> None:
    sound = say(*["wat kan ik zelf doen", 1.5] * 3)
    white = np.random.default_rng(0).normal(0, 1, len(sound))
    doubtful = [
        utterance
        for loudness in (500, 1_000, 1_500, 2_000)
        for utterance in _heard(model, sound + (white * loudness).astype(np.int16))
        if utterance.alternatives
    ]
    assert doubtful
    for utterance in doubtful:
        assert utterance.text not in utterance.alternatives
        assert len(set(utterance.alternatives)) == len(utterance.alternatives) <= 4
    # A reading that only has a word more leaves no doubt about the others.
    assert any(word.confidence < 1.0 for utterance in doubtful for word in utterance.words)


def test_partial_results_tell_what_is_being_said(model: vosk.Model, say: Say) -> None:
    with Recognizer(model) as recognizer:
        feeder = _in_background(lambda: _feed(recognizer, say(0.5, EYELID, 0.7, CALF, 2.0)))
        events = list(recognizer.events())
        feeder.join(PATIENCE)
    partials = [event for event in events if isinstance(event, Partial)]
    assert all(partial.text for partial in partials)
    assert [partial.at for partial in partials] == sorted(partial.at for partial in partials)
    assert isinstance(events[-1], Utterance)
    assert any("ooglid" in partial.text and "kuit" in partial.text for partial in partials)


def _feed(recognizer: Recognizer, samples: NDArray[np.int16]) -> None:
    for block in _blocks(samples):
        recognizer.accept(block, wait=True)
    recognizer.finish()


# --- what it must survive


@pytest.mark.parametrize("loudness", [0.0, 40.0])
def test_silence_gives_nothing_at_all(loudness: float, model: vosk.Model) -> None:
    listener = Listener(model, RecognizerSettings(renew_seconds=5.0))
    sound = room(20.0, loudness)
    assert [event for block in _blocks(sound) for event in listener.hear(block)] == []
    assert list(listener.finish()) == []


def test_an_hour_of_silence_is_heard_by_one_decoder_that_sleeps(
    model: vosk.Model, say: Say
) -> None:
    listener = Listener(model, RecognizerSettings())
    silence = bytes(PIECE_BYTES)
    decoders = set()
    for piece in range(36_000):
        assert list(listener.hear(silence)) == []
        decoders |= {listener._decoder} if piece > 50 else set()
    assert len(decoders) == 1
    events = [event for block in _blocks(say(EYELID, 2.0)) for event in listener.hear(block)]
    (utterance,) = (event for event in events if isinstance(event, Utterance))
    assert _are([utterance], EYELID)
    assert abs(utterance.start - 3_600) < 0.3


@pytest.mark.parametrize("offset", [-0.7, -0.4, -0.1, 0.0, 0.2])
def test_an_idle_decoder_is_renewed_and_nothing_is_lost(
    offset: float, model: vosk.Model, say: Say
) -> None:
    listener = Listener(model, RecognizerSettings(renew_seconds=5.0))
    before = listener._decoder
    sound = say(5.0 + offset, EYELID, 2.0)
    events = [event for block in _blocks(sound) for event in listener.hear(block)]
    (utterance,) = (event for event in events if isinstance(event, Utterance))
    assert _are([utterance], EYELID)
    assert abs(utterance.start - 5.0 - offset) < 0.3
    list(listener.hear(room(0.1).tobytes()))
    assert listener._decoder is not before


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=30))
def test_blocks_of_any_length_give_the_same(
    model: vosk.Model, say: Say, lengths: list[int]
) -> None:
    data = say(0.3, "stop", 0.3).tobytes()
    lengths = [*lengths, 7_777]
    bounds = [0, *itertools.accumulate(itertools.islice(itertools.cycle(lengths), 200))]
    blocks = [data[start:end] for start, end in itertools.pairwise(bounds)]
    blocks.append(data[bounds[-1] :])
    assert _texts(list(transcribe(model, blocks))) == ["stop"]


def test_whatever_holds_bytes_will_do(model: vosk.Model, say: Say) -> None:
    data = say(0.3, "stop", 0.3).tobytes()
    odd: list[bytes] = [b"", memoryview(data[:1]), bytearray(data[1:]), b"\0"]  # type: ignore[list-item]
    assert _texts(list(transcribe(model, odd))) == ["stop"]
    with Recognizer(model) as recognizer, pytest.raises(TypeError):
        recognizer.accept("geen geluid", wait=True)  # type: ignore[arg-type]


def test_an_empty_stream_ends(model: vosk.Model) -> None:
    assert _heard(model, room(0.0)) == []
    with Recognizer(model) as recognizer:
        recognizer.finish()
        recognizer.finish()
        assert list(recognizer.events()) == []
        assert recognizer.accept(b"\0\0", wait=True) is False


def test_an_error_of_the_file_comes_through(model: vosk.Model) -> None:
    def broken() -> Iterator[bytes]:
        yield bytes(3_200)
        raise AudioFileError("stuk")

    with pytest.raises(AudioFileError, match="stuk"):
        list(transcribe(model, broken()))


def _often(action: Callable[[], object]) -> None:
    for _ in range(50):
        action()


def test_one_recogniser_may_be_used_from_many_threads(model: vosk.Model, say: Say) -> None:
    sound = say(EYELID, 1.5).tobytes()
    with Recognizer(model) as recognizer:
        threads = [
            _in_background(lambda: recognizer.accept(sound, wait=True)),
            _in_background(lambda: recognizer.accept(sound, wait=False)),
            _in_background(lambda: _often(recognizer.reset)),
            _in_background(lambda: _often(lambda: recognizer.poll(0.01))),
        ]
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()


def test_several_recognisers_share_one_model(model: vosk.Model, say: Say) -> None:
    sounds = {sentence: say(sentence, 1.5) for sentence in (EYELID, CALF, "stop")}
    heard: dict[str, list[Utterance]] = {}

    def listen(sentence: str) -> None:
        heard[sentence] = _heard(model, sounds[sentence])

    threads = [_in_background(functools.partial(listen, sentence)) for sentence in sounds]
    for thread in threads:
        thread.join(PATIENCE)
    assert len(heard) == len(sounds)
    assert all(_are(utterances, sentence) for sentence, utterances in heard.items())


# --- turns, queues and the end


def test_reset_forgets_all_that_came_before(model: vosk.Model, say: Say) -> None:
    with Recognizer(model) as recognizer:
        for block in _blocks(say(EYELID, 1.5, "stop")):
            recognizer.accept(block, wait=True)
        assert isinstance(recognizer.poll(PATIENCE), Partial | Utterance)
        recognizer.reset()
        assert recognizer.poll(0) is None
        _feed(recognizer, say(0.3, CALF, 0.3))
        utterances = [event for event in recognizer.events() if isinstance(event, Utterance)]
    assert _are(utterances, CALF)
    assert utterances[0].start > len(say(EYELID, 1.5, "stop")) / SAMPLE_RATE


def test_live_sound_that_comes_too_fast_is_dropped_and_counted(model: vosk.Model, say: Say) -> None:
    with Recognizer(model, RecognizerSettings(queue_seconds=3.0)) as recognizer:
        assert recognizer.accept(say(0.3, EYELID, 60.0).tobytes(), wait=False) is False
        assert recognizer.dropped_seconds > 50
        assert recognizer.backlog_seconds <= 3.0
        while recognizer.backlog_seconds > 0:
            time.sleep(0.01)
        assert recognizer.accept(say(CALF, 0.5).tobytes(), wait=False)
        recognizer.finish()
        utterances = [event for event in recognizer.events() if isinstance(event, Utterance)]
    assert _are(utterances, EYELID, CALF)  # not joined over the gap, times after it right
    assert utterances[1].start > 60


def test_a_decoder_that_is_a_little_too_slow_costs_one_gap_and_not_one_a_piece(
    model: vosk.Model, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Each gap ends a sentence, and costs a new decoder, which would make it slower still."""
    turns = threading.Semaphore(0)
    starts: list[int] = []

    def hear_in_turn(_: Listener, sound: bytes, start: int) -> Iterator[Utterance | Partial]:
        starts.append(start)
        turns.acquire(timeout=PATIENCE)
        del sound
        return iter(())

    monkeypatch.setattr(Listener, "hear", hear_in_turn)
    piece = bytes(PIECE_BYTES)
    with Recognizer(model, RecognizerSettings(queue_seconds=1.0)) as recognizer:
        while recognizer.accept(piece, wait=False):
            pass
        for _ in range(60):  # twice as much comes in as is decoded
            recognizer.accept(2 * piece, wait=False)
            before = len(starts)
            turns.release()
            while len(starts) == before:
                time.sleep(0.001)
        turns.release(1_000)
    gaps = sum(after - before > PIECE_BYTES // 2 for before, after in itertools.pairwise(starts))
    assert gaps <= 60 / 5 + 1  # it drops until five of ten are decoded
    assert 40 < recognizer.dropped_seconds * 10 < 80
    assert sum("too slow" in record.message for record in caplog.records) <= gaps + 1


def test_a_file_waits_for_the_decoder(model: vosk.Model, say: Say) -> None:
    with Recognizer(model, RecognizerSettings(queue_seconds=1.0)) as recognizer:
        assert recognizer.accept(say(0.3, EYELID, 1.5, CALF, 1.5).tobytes(), wait=True)
        recognizer.finish()
        utterances = [event for event in recognizer.events() if isinstance(event, Utterance)]
        assert recognizer.dropped_seconds == 0
    assert _are(utterances, EYELID, CALF)


def test_close_ends_whoever_waits(model: vosk.Model) -> None:
    recognizer = Recognizer(model, RecognizerSettings(queue_seconds=1.0))
    noise = room(60.0, 3_000.0).tobytes()
    ended: list[object] = []
    waiting = [
        _in_background(lambda: ended.append(recognizer.accept(noise, wait=True))),
        _in_background(lambda: ended.append(list(recognizer.events()))),
        _in_background(lambda: ended.append(recognizer.poll(PATIENCE))),
    ]
    while recognizer.backlog_seconds < 1.0:
        time.sleep(0.01)
    started = time.monotonic()
    closing = [_in_background(recognizer.close) for _ in range(3)]
    for thread in (*closing, *waiting):
        thread.join(PATIENCE)
        assert not thread.is_alive()
    recognizer.close()
    assert time.monotonic() - started < PATIENCE / 2
    assert len(ended) == len(waiting)
    assert recognizer.accept(noise, wait=True) is False
    assert recognizer.accept(noise, wait=False) is False
    assert recognizer.poll(0) is None
    recognizer.reset()
    recognizer.finish()


def test_poll_waits_no_longer_than_told(model: vosk.Model) -> None:
    with Recognizer(model) as recognizer:
        started = time.monotonic()
        assert recognizer.poll(0.05) is None
        assert 0.04 < time.monotonic() - started < PATIENCE


def _fail(*_: object) -> None:
    raise RuntimeError("Failed to process waveform")


def _listen_to_all(recognizer: Recognizer, sound: NDArray[np.int16]) -> None:
    _feed(recognizer, sound)
    list(recognizer.events())


def _check_that_every_caller_hears_of_it(model: vosk.Model, sound: NDArray[np.int16]) -> None:
    with Recognizer(model, RecognizerSettings(queue_seconds=1.0)) as recognizer:
        with pytest.raises(SpeechModelError, match=r"main\.py model verify"):
            _listen_to_all(recognizer, sound)
        with pytest.raises(SpeechModelError):
            recognizer.poll(PATIENCE)
        with pytest.raises(SpeechModelError):
            recognizer.accept(b"", wait=True)
    with pytest.raises(SpeechModelError, match="vastgelopen") as caught:
        _heard(model, sound)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize("broken", ["AcceptWaveform", "PartialResult", "FinalResult"])
def test_a_failing_decoder_reaches_every_caller(
    broken: str, model: vosk.Model, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vosk.KaldiRecognizer, broken, _fail)
    _check_that_every_caller_hears_of_it(model, say(0.3, EYELID, 1.5))


def test_a_model_that_breaks_at_first_use_reaches_every_caller(tmp_path: Path, say: Say) -> None:
    for part in EMBEDDED.iterdir():
        (tmp_path / part.name).symlink_to(part)
    (tmp_path / "graph").unlink()
    shutil.copytree(EMBEDDED / "graph", tmp_path / "graph")
    (tmp_path / "graph" / "HCLr.fst").unlink()
    model = vosk.Model(str(tmp_path))  # loads all the same
    _check_that_every_caller_hears_of_it(model, say(0.3, EYELID, 5.0))


def test_a_decoder_alone_gives_nothing_for_nothing(model: vosk.Model) -> None:
    decoder = Decoder(model, 5, begins_at=7.0)
    assert decoder.accept(b"") is False
    assert decoder.partial() == ""
    assert all(reading.text == "" for reading in decoder.final())


def test_a_decoder_that_hangs_is_given_up(
    model: vosk.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    hangs, released = threading.Event(), threading.Event()

    def hang(*_: object) -> Iterator[Utterance | Partial]:
        hangs.set()
        released.wait(PATIENCE)
        return iter(())

    monkeypatch.setattr(Listener, "hear", hang)
    second = room(1.0).tobytes()
    with Recognizer(model, RecognizerSettings(queue_seconds=2.0)) as recognizer:
        recognizer.accept(second, wait=False)
        assert hangs.wait(PATIENCE)
        for _ in range(30):
            recognizer.accept(second, wait=False)  # sound that nobody takes, as yet no hang
        assert recognizer.poll(0) is None
        with pytest.raises(SpeechModelError, match="vastgelopen"):
            _often(lambda: recognizer.accept(second, wait=False))
        released.set()
