"""``main.py evaluate`` as a person uses it: real recordings, recogniser and browser."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import main as program
from evaluation.conditions import Wishes
from evaluation.hearing import ProductEars, measure, read_recording
from intents.catalogue import load_catalogue
from intents.matcher import Matcher
from tests.program import MAIN, RECORDINGS
from voice.speech_model import EMBEDDED, find_model

LONG_ENOUGH = 600.0
"""Seconds; a bound against hanging on a very busy machine."""
CHROMIUM = shutil.which("chromium")
SAID = (
    "topics/ooglid/mijn_ooglid_trilt_al_dagen.wav",
    "red_flags/scheve_mond/mijn_mond_hangt_scheef.wav",
    "off_topic/_ruis.wav",
)


def evaluate(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(MAIN), "evaluate", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=LONG_ENOUGH,
        check=False,
    )


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three recordings of ours and one that is broken."""
    folder = tmp_path_factory.mktemp("opnamen")
    for name in SAID:
        (folder / name).parent.mkdir(parents=True)
        shutil.copy(RECORDINGS / name, folder / name)
    (folder / "kapot.wav").write_bytes(b"RIFF?")
    return folder


@pytest.fixture(scope="module")
def evaluated(
    recordings: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path]:
    """One run, with noise."""
    out = tmp_path_factory.mktemp("uit")
    return evaluate(recordings, "--noise", "white:15", "--out", out), out


Evaluated = tuple[subprocess.CompletedProcess[str], Path]


def test_people_get_tables_and_programs_get_json(evaluated: Evaluated) -> None:
    done, out = evaluated
    assert done.returncode == 0, done.stderr
    assert "## Gehoord en begrepen" in done.stdout
    assert "ruis 15 dB" in done.stdout
    data = json.loads((out / "rapport.json").read_text("utf-8"))
    clean, noisy = data["conditions"]
    assert (clean["key"], noisy["key"], noisy["snr_db"]) == ("clean", "white:15", 15.0)
    assert clean["verdicts"]["right"]["hits"] == clean["recordings"] == 3
    assert clean["red_flag_recall"]["hits"] == clean["red_flag_recall"]["total"] == 1
    assert clean["false_answers_per_hour"]["count"] == 0
    assert clean["real_time_factor"] > 0
    assert 0.3 < clean["delay_seconds"]["median"] < 60
    heard = {(one["file"], one["condition"]): one["heard"] for one in data["recordings"]}
    assert heard[SAID[0], "clean"] == "mijn ooglid trilt al dagen"
    assert len(heard) == 6


def test_a_broken_file_is_named_and_skipped(evaluated: Evaluated) -> None:
    done, out = evaluated
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Overgeslagen: ")]
    assert "kapot.wav" in line
    assert "kapot.wav" in done.stdout.partition("## Overgeslagen")[2]
    (skipped,) = json.loads((out / "rapport.json").read_text("utf-8"))["skipped"]
    assert skipped["file"] == "kapot.wav"


def test_progress_is_shown(evaluated: Evaluated) -> None:
    assert "8 van 8 gemeten" in evaluated[0].stderr  # the broken one counts as done


@pytest.mark.skipif(
    CHROMIUM is None or "/snap/" in CHROMIUM,  # a snap may not see our temporary folder
    reason="NO PAGE TEST: chromium is not installed (apt)",
)
def test_a_browser_shows_the_page(evaluated: Evaluated, tmp_path: Path) -> None:
    """Every picture is drawn, has its words, and nothing comes from elsewhere."""
    html = (evaluated[1] / "rapport.html").read_text("utf-8")
    assert not re.search(r"""(src|href)=["'](?!data:)|url\(|@import|https?:""", html)
    tell = "document.title = [...document.images].map(i => i.naturalWidth).join()"
    page = tmp_path / "page.html"
    page.write_text(html.replace("</body>", f"<script>onload = () => {{ {tell} }}</script></body>"))
    shown = browse(tmp_path, "--dump-dom", f"file://{page}")
    widths = re.search(r"<title>([\d,]+)</title>", shown)
    assert widths
    assert len(widths[1].split(",")) == 4
    assert all(int(width) > 200 for width in widths[1].split(","))
    assert len(re.findall(r'<img src="[^"]+" alt="[^"]{40,}"', shown)) == 4
    assert shown.count("<caption>") >= 10
    assert '<html lang="nl">' in shown
    for words in ("goed begrepen", "ruis 15 dB", "Overgeslagen", "kapot.wav", "1 van 1"):
        assert words in shown


def browse(home: Path, *arguments: str) -> str:
    return subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu",
            f"--user-data-dir={home / 'profile'}", *arguments,
        ],
        capture_output=True,
        text=True,
        timeout=LONG_ENOUGH,
        check=True,
    ).stdout  # fmt: skip


def kept(out: Path) -> list[dict[str, Any]]:
    path = out / "metingen.jsonl"
    lines = path.read_bytes().splitlines() if path.exists() else []
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_it_goes_on_where_it_was_stopped(
    ending: signal.Signals, recordings: Path, tmp_path: Path
) -> None:
    command = [sys.executable, str(MAIN), "evaluate", str(recordings), "--jobs", "1"]
    command += ["--noise", "white:20,white:15,white:10,white:5", "--out", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + LONG_ENOUGH
        while not kept(tmp_path) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(ending)
        _, errors = process.communicate(timeout=LONG_ENOUGH)
    first = kept(tmp_path)
    assert 0 < len(first) < 15
    if ending is signal.SIGINT:
        assert process.returncode == 130
        assert "Typ dezelfde opdracht om verder te gaan" in errors
        assert "Traceback" not in errors
        return
    again = evaluate(*command[3:])
    assert again.returncode == 0, again.stderr
    assert f"{len(first)} al bekend" in again.stderr
    whole = kept(tmp_path)
    assert whole[: len(first)] == first
    assert len({one["key"] for one in whole}) == len(whole) == 15


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["/nergens"], "is er niet"),
        ([RECORDINGS / "demo.txt"], "is er niet"),
        ([RECORDINGS, "--noise", "regen:3"], "'regen'"),
        ([RECORDINGS, "--room", "lang"], "--room"),
        ([RECORDINGS, "--jobs", "veel"], "--jobs"),
        ([RECORDINGS, "--jobs", "-1"], "--jobs"),
        ([RECORDINGS, "--seed", "-1"], "--seed"),
        ([RECORDINGS / "commands" / "ja", "--out", "/proc/nergens"], "--out"),
    ],
)
def test_every_mistake_is_one_sentence(
    arguments: list[str | Path], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = program.main(["evaluate", *map(str, arguments)])
    except SystemExit as end:  # argparse's own
        code = int(str(end.code))
    sentence = capsys.readouterr().err
    assert code == 2
    assert sentence.startswith("Spiertolk: ")
    assert sentence.endswith(".\n")
    assert sentence.count("\n") == 1
    assert words in sentence


def test_without_the_libraries_of_the_page_the_rest_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("evaluation.page", "evaluation.plots"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    ja = RECORDINGS / "commands" / "ja"
    assert program.main(["evaluate", "--json", str(ja), "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["conditions"][0]["verdicts"]["wrong"]["hits"] == 0
    (line,) = [one for one in shown.err.splitlines() if "setup.sh evaluation" in one]
    assert line.endswith(".")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metingen.jsonl", "rapport.json"]


def test_a_folder_with_nothing_that_can_be_heard_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "leeg.wav").write_bytes(b"")
    assert program.main(["evaluate", str(tmp_path), "--out", str(tmp_path / "uit")]) == 2
    assert "is leeg" in capsys.readouterr().err
    assert "Geen enkele opname" in (tmp_path / "uit" / "rapport.html").read_text("utf-8")


def test_the_same_is_heard_whatever_was_heard_before() -> None:
    ears = ProductEars(find_model(EMBEDDED, {}).load(), Matcher(load_catalogue()))
    noisy = Wishes("white:3").conditions()[1]
    sounds = [read_recording(RECORDINGS / name) for name in SAID[:2]]
    first, _, again = (measure(ears, sounds[i], noisy, "x", 0).utterances for i in (0, 1, 0))
    assert first
    assert [(u.text, u.outcome, u.outcome.probabilities) for u in first] == [
        (u.text, u.outcome, u.outcome.probabilities) for u in again
    ]
