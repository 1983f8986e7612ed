"""What the speech model hears without the product around it: errors, silence, grammar, cost.

``python -m benchmarks.recogniser FILE`` is the child process that loads the model and hears one
recording, so that memory and time are the model's own.
"""

import json
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import vosk

from audio_fixtures.voices import SAMPLE_RATE, VOICES, is_available
from benchmarks.disk import folder_bytes
from benchmarks.hearing import model_in_use
from benchmarks.heldout import Sentence
from benchmarks.recordings import CONDITIONS, Samples, spoken
from benchmarks.unavailable import VoicesUnavailableError
from evaluation.effects import add_noise, surround
from evaluation.metrics import Share
from evaluation.tables import Cell, Table
from evaluation.words import ErrorRate, count_errors
from training.evaluate import KINDS, kind_of, results
from voice.audio import read_wav, write_wav

COMMANDS = (
    "stop", "herhaal", "langzamer", "sneller", "harder", "zachter",
    "meer", "help", "opnieuw", "ja", "nee", "dag",
)  # fmt: skip
UNKNOWN = "[unk]"
HEARD_IN = ("clean", "babble 10 dB", "reverb 0.5 s")
PAUSE, BREATH = 1.2, 0.8
"""Seconds between two sentences, and those that a slow speaker takes within one."""
_LEAD, _TAIL = 0.5, 1.5
_ALLOWED = {"size": 30.0, "load": 0.3, "memory": 130.0, "pace": 0.05}
"""MB, s, MB, and seconds of computing in a second of sound: what the project allows."""


def recogniser(
    sentences: Sequence[Sentence],
    chatter: Sequence[Sentence],
    strangers: Path | None,
    say: Callable[[str], None],
) -> Iterator[Table]:
    """All tables.

    Args:
        sentences: complaints in words that are in no text of the recipe; two at least.
        chatter: sentences without any of the `COMMANDS`.
        strangers: a folder with a manifest of real recordings, where there is one.
        say: hears how far it is.

    Raises:
        VoicesUnavailableError: where no voice is installed.
    """
    voices = _voices_by_kind()
    vosk.SetLogLevel(-1)
    model = model_in_use().load()
    say(f"recognising {len(sentences)} sentences, each in {len(voices)} voices")
    yield _errors_table(model, sentences, voices)
    say("recognising pairs of sentences, and sentences with a pause in them")
    yield _silence_table(model, sentences, voices)
    say(f"recognising {len(chatter)} sentences of chatter with a grammar of commands")
    yield _grammar_table(model, chatter, voices)
    if strangers:
        say("recognising real people")
        yield _strangers_table(model, strangers)
    yield _cost_table(spoken(sentences[0].text, next(iter(voices.values()))[0]))


def _voices_by_kind() -> Mapping[str, tuple[str, ...]]:
    """The voices that nobody trained on and that are installed, of men, women and networks."""
    usable = [name for name, voice in VOICES.items() if is_available(voice)]
    if not usable:
        raise VoicesUnavailableError("no voice is installed")
    kinds = {kind: tuple(name for name in usable if kind_of(name) == kind) for kind in KINDS}
    return {kind: names for kind, names in kinds.items() if names}


def _errors_table(
    model: vosk.Model, sentences: Sequence[Sentence], voices: Mapping[str, tuple[str, ...]]
) -> Table:
    rates: defaultdict[tuple[str, str], ErrorRate] = defaultdict(ErrorRate)
    for number, sentence in enumerate(sentences):
        for kind, names in voices.items():
            stream = surround(spoken(sentence.text, names[number % len(names)]), _LEAD, _TAIL)
            for condition in HEARD_IN:
                sound = CONDITIONS[condition](stream, np.random.default_rng(number))
                heard = " ".join(results(vosk.KaldiRecognizer(model, SAMPLE_RATE), sound))
                rates[condition, kind] += count_errors(sentence.text, heard)
    rows = tuple((*key, str(rate).strip()) for key, rate in sorted(rates.items()))
    return Table(
        "Word errors of the model alone",
        ("condition", "voices", "word errors (95 % Wilson)"),
        rows,
        "Open decoding of held-out complaints that are no phrase of the catalogue, by voices that "
        "are in no training. The neural ones are Japanese speakers with a strong accent.",
    )


def _silence_table(
    model: vosk.Model, sentences: Sequence[Sentence], voices: Mapping[str, tuple[str, ...]]
) -> Table:
    names = [name for kind in voices.values() for name in kind]
    counts: dict[str, list[bool]] = {}
    for number, sentence in enumerate(sentences):
        voice = names[number % len(names)]
        after = spoken(sentences[(number + 1) % len(sentences)].text, voice)
        words = sentence.text.split()
        halves = [" ".join(words[: len(words) // 2]), " ".join(words[len(words) // 2 :])]
        trials = (
            (f"two sentences {PAUSE} s apart", spoken(sentence.text, voice), PAUSE, after, 2),
            (f"a sentence with {BREATH} s of pause in it", spoken(halves[0], voice), BREATH,
             spoken(halves[1], voice), 1),
        )  # fmt: skip
        for title, first, pause, second, wanted in trials:
            dry = np.concatenate([first, np.zeros(round(pause * SAMPLE_RATE), np.int16), second])
            stream = surround(dry, _LEAD, _TAIL)
            noisy = add_noise(stream, "room", 30.0, np.random.default_rng(number))
            for room, sound in (("digital silence", stream), ("room noise 30 dB", noisy)):
                found = len(results(vosk.KaldiRecognizer(model, SAMPLE_RATE), sound))
                key = f"{title}, {room}: {wanted} result{'s' if wanted > 1 else ''}"
                counts.setdefault(key, []).append(found == wanted)
    rows = tuple((key, Share(sum(right), len(right))) for key, right in counts.items())
    return Table(
        "Silence", ("what, and what should come of it", "came %"), rows,
        "By the model's own endpoint rules; the product's adaptive endpoint is measured apart.",
    )  # fmt: skip


def _grammar_table(
    model: vosk.Model, chatter: Sequence[Sentence], voices: Mapping[str, tuple[str, ...]]
) -> Table:
    names = [name for kind in voices.values() for name in kind]
    grammar = json.dumps([*COMMANDS, UNKNOWN])
    exact = left = heard = 0
    for number, sentence in enumerate(chatter):
        stream = surround(spoken(sentence.text, names[number % len(names)]), _LEAD, _TAIL)
        found = results(vosk.KaldiRecognizer(model, SAMPLE_RATE, grammar), stream)
        exact += any(result in COMMANDS for result in found)
        left += any(word in COMMANDS for result in found for word in result.split())
    for number, command in enumerate(COMMANDS):
        for kind in voices.values():
            stream = surround(spoken(command, kind[number % len(kind)]), _LEAD, _TAIL)
            found = results(vosk.KaldiRecognizer(model, SAMPLE_RATE, grammar), stream)
            heard += found == [command]
    rows = (
        ("chatter taken for a command, as the whole result", Share(exact, len(chatter))),
        ("chatter with any command word left standing", Share(left, len(chatter))),
        ("commands heard as the whole result", Share(heard, len(COMMANDS) * len(voices))),
    )
    return Table(
        "A grammar of twelve commands and [unk]", ("what", "%"), rows,
        "The product sets no grammar; whoever does should take whole results alone.",
    )  # fmt: skip


def _strangers_table(model: vosk.Model, folder: Path) -> Table:
    rates: defaultdict[str, ErrorRate] = defaultdict(ErrorRate)
    for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        if text := row.get("text"):
            sound = surround(read_wav(folder / row["path"]).samples, _LEAD, _TAIL)
            heard = " ".join(results(vosk.KaldiRecognizer(model, SAMPLE_RATE), sound))
            rates[row["path"].partition("/")[0]] += count_errors(text, heard)
    rows = tuple((package, str(rate).strip()) for package, rate in sorted(rates.items()))
    return Table(
        "Word errors on real people", ("package", "word errors (95 % Wilson)"), rows,
        "Open decoding of speech that has nothing to do with the product: game dialogue by actors "
        "that the model knows, in rooms of the game that it does not; single words by strangers.",
    )  # fmt: skip


def _cost_table(sound: Samples) -> Table:
    with TemporaryDirectory() as folder:
        path = Path(folder, "sound.wav")
        write_wav(path, surround(sound, _LEAD, _TAIL), SAMPLE_RATE)
        command = [sys.executable, "-m", "benchmarks.recogniser", str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    cost = json.loads(done.stdout)
    rows: tuple[tuple[Cell, ...], ...] = (
        ("size, MB", folder_bytes(model_in_use().path) / 1e6, _ALLOWED["size"]),
        ("load, s of CPU", cost["load"], _ALLOWED["load"]),
        ("memory of the process, MB", cost["memory"], _ALLOWED["memory"]),
        ("computing in a second of sound, s of CPU", cost["pace"], _ALLOWED["pace"]),
    )
    return Table("What the model costs", ("what", "measured", "allowed"), rows)


def _child(path: Path) -> dict[str, float]:
    """Load the model, hear one recording ten times; what it cost."""
    vosk.SetLogLevel(-1)
    sound = read_wav(path).samples
    begin = time.process_time()
    model = vosk.Model(str(model_in_use().path))
    loaded = time.process_time()
    rounds = 10
    for _ in range(rounds):
        results(vosk.KaldiRecognizer(model, SAMPLE_RATE), sound)
    seconds = rounds * len(sound) / SAMPLE_RATE
    return {
        "load": loaded - begin,
        "pace": (time.process_time() - loaded) / seconds,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_child(Path(sys.argv[1]))))
