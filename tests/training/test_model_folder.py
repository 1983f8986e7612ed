"""A whole model folder: a clinic's own topic is heard, the papers tell the truth."""

from pathlib import Path

import numpy as np
import pytest
import vosk

from errors import SpeechModelError
from training import espeak
from training.__main__ import main
from training.card import TrainingFacts, acoustic_story, write_papers
from training.clips import write_clips
from training.corpus import CorpusSettings
from training.evaluate import decode
from training.model_folder import lay_out, make_graph, topology_of
from training.speech import Source
from training.topology import Topology, broad_classes
from voice.model_manifest import first_problem, read_manifest
from voice.speech_model import EMBEDDED

SMALL = CorpusSettings(domain=300, chatter=300, vocabulary=500)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded acoustic model with a graph for a pack of one topic."""
    pack = tmp_path_factory.mktemp("pack")
    (pack / "intents" / "topics").mkdir(parents=True)
    (pack / "intents" / "topics" / "snorkgans.toml").write_text(
        'phrases = ["mijn snorkgans (fladdert|zoemt)", "ik heb een snorkgans"]\n'
    )
    out = tmp_path_factory.mktemp("models") / "vosk-model-nl-snorkgans"
    make_graph(EMBEDDED, out, pack, SMALL)
    return out


def test_a_new_topic_s_words_are_heard(model: Path) -> None:
    vosk.SetLogLevel(-1)
    loaded = vosk.Model(str(model))
    assert loaded.vosk_model_find_word("snorkgans") > 0
    assert vosk.Model(str(EMBEDDED)).vosk_model_find_word("snorkgans") < 0
    quiet = np.zeros(8_000, np.int16)
    sound = np.concatenate([quiet, espeak.speak("mijn snorkgans zoemt", "m3"), quiet])
    assert "snorkgans" in decode(loaded, sound)


def test_the_papers_name_every_part_and_the_manifest_holds(model: Path) -> None:
    card = (model / "README.md").read_text("utf-8")
    assert "# Model card: vosk-model-nl-snorkgans" in card
    assert "300 drawn" in card
    assert "$" not in card
    assert {"LICENSE.md", "LICENSE-MIT.txt"} <= {path.name for path in model.iterdir()}
    manifest = read_manifest(model)
    assert manifest is not None
    total = sum(path.stat().st_size for path in model.rglob("*") if path.is_file())
    assert first_problem(model, manifest, total) is None
    assert "graph/HCLr.fst" in manifest.sums
    (model / "FIGURES.md").write_text("Nobody was misheard.")
    write_papers(model)
    renewed = read_manifest(model)
    assert renewed is not None
    assert "SHA256SUMS" not in renewed.sums
    assert "Nobody was misheard." in (model / "README.md").read_text("utf-8")


def test_the_settings_of_decoding_are_those_of_the_embedded_model(tmp_path: Path) -> None:
    topology = topology_of(EMBEDDED / "am" / "final.mdl")
    lay_out(EMBEDDED / "am", topology, tmp_path)
    for name in ("mfcc.conf", "model.conf"):
        assert (tmp_path / "conf" / name).read_text() == (EMBEDDED / "conf" / name).read_text()


def test_a_foreign_acoustic_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "final.mdl"
    path.write_bytes(b"\0B<TransitionModel> <Topology> something else")
    with pytest.raises(SpeechModelError, match="komt niet uit dit recept"):
        topology_of(path)


def test_the_acoustic_story_lists_what_was_trained_on(tmp_path: Path) -> None:
    store = write_clips(tmp_path / "own", [])
    source = Source("own", store, 2.0)
    facts = TrainingFacts(
        Topology(broad_classes()).outputs, 160, "nothing", "CPU", 7, 64, 2.4, 1.25, ", halved"
    )
    story = acoustic_story([source], facts)
    assert "| own | 0 | 0.00 | 2 |" in story
    assert "7\nsteps of at most 64 s" in story
    assert "average of the weights, halved." in story


@pytest.mark.parametrize(
    "step",
    [
        ["graph", "--model", "weg"],
        ["graph", "--content", "weg"],
        ["evaluate", "weg"],
        ["average", "weg", "--out", "ook"],
        ["train", "--no-game", "--start", "weg"],
    ],
)
def test_a_path_that_leads_nowhere_is_told_in_a_sentence(
    step: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(step) == 2
    told = capsys.readouterr().err
    assert told.startswith("Spiertolk: ")
    assert "weg" in told
    assert not list(tmp_path.iterdir())


def test_without_a_voice_nothing_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for step in (["evaluate", str(EMBEDDED)], ["hearing"]):
        assert main([*step, "--cache", str(tmp_path)]) == 2
        assert "espeak-ng" in capsys.readouterr().err


def test_answers_that_are_no_toml_are_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    topic = "topics/snorkgans.toml"
    for name, text in (("intents", 'phrases = ["een snorkgans"]'), ("responses", 'core = "Een')):
        (tmp_path / name / "topics").mkdir(parents=True)
        (tmp_path / name / topic).write_text(text)
    step = ["graph", "--content", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main(step) == 2
    assert "responses/topics/snorkgans.toml is geen geldige TOML" in capsys.readouterr().err
