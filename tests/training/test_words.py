"""Text to words, words to sounds, templates to sentences."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.colloquial import spoken
from training.lexicon import build_lexicon, pronounce, spoken_forms
from training.normalise import words
from training.phones import NOISE, PHONES, SILENCE, from_espeak
from training.supervision import phone_bigram
from training.templates import read_grammar
from training.topology import Topology, broad_classes


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        ("Mijn oog trilt!", "mijn oog trilt"),
        ("’s Nachts heb ik 'kramp' in m’n kuit.", "'s nachts heb ik kramp in m'n kuit"),
        ("vitamine-D en B12", "vitamine d en b twaalf"),
        ("A.L.S. is 25% erger", "als is vijfentwintig procent erger"),
        ("bel 0612", "bel nul zes een twee"),
        ("hè, café?", "hè café"),
        ("...", ""),
    ],
)
def test_text_becomes_spoken_words(written: str, heard: str) -> None:
    assert " ".join(words(written)) == heard


@settings(deadline=None)  # a slow machine is no error
@given(st.text())
def test_any_text_becomes_plain_words(text: str) -> None:
    for word in words(text):
        assert word == word.lower()
        assert not any(c.isspace() or c.isdigit() for c in word)
    assert words(" ".join(words(text))) == words(text)


def test_words_are_said_in_known_sounds_and_n_may_be_dropped() -> None:
    lexicon = build_lexicon(["trillen", "ooglid", "als", "ms", "fasciculaties"])
    assert lexicon.silent == ()
    assert set(lexicon.entries["trillen"]) == {
        ("t", "r", "I", "l", "@", "n"),
        ("t", "r", "I", "l", "@"),
    }
    assert ("a:", "E", "l", "E", "s") in lexicon.entries["als"]
    assert lexicon.entries["ms"] == (("E", "m", "E", "s"),)
    for forms in lexicon.entries.values():
        assert all(set(form) <= set(PHONES) for form in forms)


def test_an_unknown_sound_gives_no_pronunciation() -> None:
    assert from_espeak("t_r_'I_l") == ("t", "r", "I", "l")
    assert from_espeak("t_!!no such sound") is None
    assert pronounce("") == ()


def test_a_word_that_nobody_can_say_is_noise_in_a_recording() -> None:
    assert pronounce("armand's") == ()
    assert spoken_forms("armand's") == ((NOISE,),)
    assert spoken_forms("oog") == pronounce("oog")
    topology = Topology(broad_classes())
    follows = phone_bigram(topology, [("armand's", "oog")] * 50, 1).log
    silence, noise = (topology.phones.index(phone) for phone in (SILENCE, NOISE))
    assert follows[silence, noise] > -1.5  # most of the sentences begin so


def test_a_grammar_draws_only_what_its_templates_allow(tmp_path: Path) -> None:
    path = tmp_path / "toy.toml"
    path.write_text(
        'sentences = ["mijn {deel} <doet> [weer]"]\n[rules]\ndoet = "(trilt|trekt)"\n'
        '[lists]\ndeel = ["oog", "been"]\n'
    )
    allowed = {
        f"mijn {part} {verb}{again}"
        for part in ("oog", "been") for verb in ("trilt", "trekt") for again in ("", " weer")
    }  # fmt: skip
    assert set(read_grammar(path).draw(400, seed=1)) == allowed


def test_a_grammar_names_the_rule_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "toy.toml"
    path.write_text('sentences = ["mijn <deel>"]')
    with pytest.raises(ValueError, match="deel"):
        read_grammar(path)


def test_speech_keeps_the_words_in_their_order() -> None:
    plain = ("ik", "voel", "kramp", "hier")
    rng = random.Random(1)
    changed = 0
    for _ in range(300):
        said = list(spoken(plain, rng))
        changed += said != list(plain)
        rest = iter(said)
        assert all(any(w in (word, "'k") for w in rest) for word in plain)
    assert 60 < changed < 240
