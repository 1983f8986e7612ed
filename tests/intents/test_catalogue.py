"""Content that holds together, and content that does not: file, line and what to do."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from errors import ContentError
from intents.catalogue import Catalogue, load_catalogue
from intents.pack import OWN_CONTENT
from tests.fuzzing import mutations, or_one_sentence, toml_documents, tried

OURS = (
    "algemeen",
    "als",
    "arm_of_been",
    "hele_lichaam",
    "ms",
    "ooglid",
    "stress",
    "vitamine_d",
)
PACK = OWN_CONTENT / "example"


def pack(folder: Path, **files: str) -> Path:
    """A content pack with these files in ``intents/``; "__" in a name is a folder."""
    for name, text in files.items():
        path = folder / "intents" / (name.replace("__", "/") + ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def error(folder: Path) -> str:
    with pytest.raises(ContentError) as caught:
        load_catalogue(folder)
    return str(caught.value)


def test_our_topics_and_ids(catalogue: Catalogue) -> None:
    assert catalogue.topics == OURS
    assert set(catalogue.labels("command")) >= {"stop", "herhaal", "ja", "nee", "eerste", "tweede"}
    assert set(catalogue.grades) == set(catalogue.labels("red_flag"))
    assert set(catalogue.grades.values()) == {"now", "soon"}


def test_of_two_alarms_neither_goes_first(tmp_path: Path) -> None:
    alarm = 'grade = "now"\nphrases = ["de wachtkamer brandt"]\n'
    twice = error(pack(tmp_path / "a", red_flags=f"[brand]\n{alarm}[vuur]\n{alarm}"))
    topic = 'phrases = ["de wachtkamer brandt"]'
    once = error(pack(tmp_path / "b", red_flags=f"[brand]\n{alarm}", topics__brandend=topic))
    assert "gaat voor" not in twice
    assert "gaat voor" in once


def test_words_are_those_that_people_say(catalogue: Catalogue) -> None:
    words = catalogue.words()
    assert {"ooglid", "trilt", "knieën", "als", "ms", "honderdtwaalf"} <= words
    assert all(word == word.lower() and " " not in word for word in words)
    assert not any(word.isdecimal() for word in words)


def test_a_phrase_knows_where_it_stands(catalogue: Catalogue) -> None:
    phrase = next(p for p in catalogue.phrases if p.text == "mijn wimpers trillen")
    line = phrase.file.read_text(encoding="utf-8").splitlines()[phrase.line - 1]
    assert "mijn wimpers trillen" in line


def test_templates_are_expanded(tmp_path: Path) -> None:
    made = pack(
        tmp_path,
        topics__auto='phrases = ["mijn (auto|{ding}) <doet> [het] niet"]\n'
        '[lists]\nding = ["fiets", "brommer"]\n[rules]\ndoet = "(doet|start)"\n',
    )
    texts = {p.text for p in load_catalogue(made).of("topic")}
    assert len(texts) == 12
    assert "mijn brommer start niet" in texts


def test_a_pack_replaces_our_topics(tmp_path: Path) -> None:
    made = pack(tmp_path, topics__auto='phrases = ["mijn auto start niet"]')
    catalogue = load_catalogue(made)
    assert catalogue.topics == ("auto",)
    assert "stop" in catalogue.labels("command")


def test_a_pack_that_adds_keeps_our_topics(tmp_path: Path) -> None:
    made = pack(tmp_path, topics__auto='phrases = ["mijn auto start niet"]')
    (made / "pack.toml").write_text('name = "Garage"\nadds = true\n', encoding="utf-8")
    catalogue = load_catalogue(made)
    assert set(catalogue.topics) == {*OURS, "auto"}
    chatter = {phrase.text for phrase in catalogue.of("off_topic")}
    assert {"kom binnen", "mijn tand is blauw"} <= chatter
    assert len(catalogue.of("follow_up")) == len(load_catalogue().of("follow_up"))


@pytest.mark.parametrize("adds", ["false", "true"])
def test_no_pack_takes_an_alarm_of_ours_away(
    tmp_path: Path, catalogue: Catalogue, adds: str
) -> None:
    made = pack(
        tmp_path,
        topics__auto='phrases = ["mijn auto start niet"]',
        red_flags='[brand]\ngrade = "now"\nphrases = ["de wachtkamer staat in brand"]\n'
        '[ademnood]\ngrade = "now"\nphrases = ["ik stik zowat in mijn slaap"]',
    )
    (made / "pack.toml").write_text(f"adds = {adds}\n", encoding="utf-8")
    found = load_catalogue(made)
    assert found.grades == {**catalogue.grades, "brand": "now"}
    theirs = {"de wachtkamer staat in brand": "brand", "ik stik zowat in mijn slaap": "ademnood"}
    ours = {phrase.text: phrase.label for phrase in catalogue.of("red_flag")}
    assert {phrase.text: phrase.label for phrase in found.of("red_flag")} == ours | theirs


def test_no_pack_makes_an_alarm_of_ours_less_urgent(tmp_path: Path) -> None:
    message = error(
        pack(
            tmp_path,
            topics__auto='phrases = ["mijn auto start niet"]',
            red_flags='\n[ademnood]\ngrade = "soon"\nphrases = ["ik hijg een beetje"]',
        )
    )
    assert "red_flags.toml, regel 2" in message
    assert "grade 'now'" in message


@pytest.mark.parametrize(
    ("name", "named", "choice"),
    [
        ("intents/red_flag.toml", "intents/red_flag.toml ", "red_flags.toml"),
        ("intents/topics/lawaai.tml", "intents/topics/lawaai.tml ", "*.toml"),
        ("intents/topic/lawaai.toml", "intents/topic ", "topics"),
        ("response/topics/lawaai.toml", "response ", "responses"),
        ("Pack.toml", "Pack.toml ", "pack.toml"),
    ],
)
def test_a_name_that_means_nothing_is_refused(
    tmp_path: Path, name: str, named: str, choice: str
) -> None:
    made = pack(tmp_path, topics__auto='phrases = ["mijn auto start niet"]')
    (made / name).parent.mkdir(parents=True, exist_ok=True)
    (made / name).touch()
    told = error(made)
    assert told.startswith(f"{made}/{named}")
    assert choice in told


def test_what_people_and_editors_leave_in_a_pack_is_no_slip(tmp_path: Path) -> None:
    made = pack(tmp_path, topics__auto='phrases = ["mijn auto start niet"]')
    for name in ("README", "LICENSE", "intents/uitleg.md", "intents/topics/auto.toml~",
                 "intents/.directory", "intents/topics/auto.toml.bak", "opnamen.tsv"):  # fmt: skip
        (made / name).touch()
    assert load_catalogue(made).topics == ("auto",)


def test_our_chatter_makes_way_for_a_pack_that_is_about_it() -> None:
    chatter = {p.text for p in load_catalogue(PACK).of("off_topic")}
    assert "ik wil een afspraak maken" not in chatter
    assert "de zon schijnt" in chatter
    follow_ups = {p.text for p in load_catalogue(PACK).of("follow_up")}
    assert "zou ik een afspraak maken" not in follow_ups
    assert "hoe komt dat" in follow_ups


def test_the_fingerprint_follows_the_content(tmp_path: Path) -> None:
    made = pack(tmp_path, topics__auto='phrases = ["mijn auto start niet"]')
    before = load_catalogue(made).fingerprint
    assert load_catalogue(made).fingerprint == before
    pack(tmp_path, topics__auto='phrases = ["mijn auto rijdt niet"]')
    assert load_catalogue(made).fingerprint != before


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('phrases = ["a b"\nx', 2, "geen geldige TOML"),
        ('frases = ["mijn auto"]', 1, "'frases' is onbekend"),
        ('\nphrases = ["mijn auto", "mijn (fiets"]', 2, "klopt niet"),
        ('phrases = ["mijn {ding}"]', 1, "onbekende lijst"),
        ('phrases = ["mijn <ding>"]', 1, "onbekende lijst of regel"),
        ("phrases = []", 1, "geen zinnen"),
        ('phrases = "mijn auto"', 1, "lijst van zinnen"),
        ('phrases = ["mijn auto", ""]', 1, "lijst van zinnen"),
        ('phrases = ["mijn auto", "..."]', 1, "lege zin"),
        ('phrases = ["mijn auto"]\nlists = 3', 2, "moet een [lists] zijn"),
        ('phrases = ["(a|b|c|d)(e|f|g|h)(i|j|k|l)(m|n|o|p)(q|r|s|t)"]', 1, "meer dan 400"),
        ('phrases = ["mijn <ding>"]\n[rules]\nding = "kleine <ding>"', 1, "zichzelf"),
        ('phrases = ["mijn {ding}"]\n[lists]\nding = ["fiets", "auto)"]', 3, "'auto)' klopt niet"),
        (f'phrases = ["{"(" * 2_000}auto{")" * 2_000}"]', 1, "te veel haken"),
    ],
)
def test_a_topic_that_does_not_hold_together(
    tmp_path: Path, text: str, line: int, says: str
) -> None:
    message = error(pack(tmp_path, topics__auto=text))
    assert "auto.toml" in message
    assert says in message
    assert f"regel {line}" in message or f"line {line}" in message


def test_a_topic_without_phrases(tmp_path: Path) -> None:
    message = error(pack(tmp_path, topics__auto='[lists]\nding = ["fiets"]'))
    assert "auto.toml" in message
    assert "heeft geen zinnen" in message


def test_a_phrase_in_two_topics_names_both_places(tmp_path: Path) -> None:
    message = error(
        pack(
            tmp_path,
            topics__auto='phrases = [\n"mijn auto start niet",\n]',
            topics__fiets='phrases = ["mijn fiets is lek", "eh mijn auto start niet"]',
        )
    )
    assert "auto.toml, regel 2" in message
    assert "fiets.toml, regel 1" in message


def test_off_topic_has_sections_of_its_own(tmp_path: Path) -> None:
    made = pack(
        tmp_path,
        topics__auto='phrases = ["mijn auto start niet"]',
        off_topic='phrases = ["mooi weer"]\n[verkocht]\nphrases = ["ik heb geen auto meer"]',
    )
    found = {p.text: p.label for p in load_catalogue(made).of("off_topic")}
    assert found["mooi weer"] == "off_topic"
    assert found["ik heb geen auto meer"] == "off_topic:verkocht"
    assert "off_topic:denied" in found.values()


def test_a_section_with_an_unknown_key(tmp_path: Path) -> None:
    message = error(
        pack(
            tmp_path,
            topics__auto='phrases = ["mijn auto start niet"]',
            off_topic='phrases = ["mooi weer"]\n[verkocht]\nzinnen = ["ik heb geen auto meer"]',
        )
    )
    assert "off_topic.toml, regel 3" in message
    assert "'zinnen' in [verkocht] is onbekend" in message


def test_what_says_too_little_may_be_the_packs_own(tmp_path: Path) -> None:
    made = pack(
        tmp_path,
        topics__auto='phrases = ["mijn auto start niet"]',
        vague='phrases = ["hij doet het niet"]',
    )
    assert [p.text for p in load_catalogue(made).of("vague")] == ["hij doet het niet"]


def test_sentences_about_two_topics(tmp_path: Path) -> None:
    made = pack(
        tmp_path,
        topics__auto='phrases = ["mijn auto start niet"]',
        topics__fiets='phrases = ["mijn fiets is lek"]',
        together='["auto+fiets"]\nphrases = ["mijn auto staat stil en mijn fiets is lek"]',
    )
    (both,) = load_catalogue(made).of("together")  # ours are about topics that this pack lacks
    assert (both.label, both.line) == ("auto+fiets", 2)
    assert load_catalogue(made).topics == ("auto", "fiets")


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ("auto+brommer", "onderwerp 'brommer' bestaat niet"),
        ("auto", "noem twee"),
        ("auto+auto", "verschillende"),
        ("auto!auto", "verschillende"),
        ("auto!+fiets", "verschillende"),
        ("auto+fiets+", "verschillende"),
        ("!brommer!auto", "onderwerp 'brommer' bestaat niet"),
    ],
)
def test_sentences_about_topics_that_are_not_there(tmp_path: Path, label: str, says: str) -> None:
    message = error(
        pack(
            tmp_path,
            topics__auto='phrases = ["mijn auto start niet"]',
            together=f'["{label}"]\nphrases = ["mijn auto en mijn brommer zijn stuk"]',
        )
    )
    assert "together.toml, regel 2" in message
    assert says in message


def test_a_red_flag_without_a_grade(tmp_path: Path) -> None:
    message = error(
        pack(
            tmp_path,
            topics__auto='phrases = ["mijn auto start niet"]',
            red_flags='[brand]\nphrases = ["er is brand"]',
        )
    )
    assert "red_flags.toml, regel 1" in message
    assert "grade" in message


def test_an_unknown_key_in_pack_toml(tmp_path: Path) -> None:
    made = pack(tmp_path, topics__auto='phrases = ["mijn auto start niet"]')
    (made / "pack.toml").write_text("\nkleur = 3\n", encoding="utf-8")
    assert "pack.toml, regel 2" in error(made)


def test_a_topic_called_as_an_alarm_is(tmp_path: Path) -> None:
    made = pack(tmp_path, topics__slikproblemen='phrases = ["mijn amandelen zijn dik"]')
    (made / "pack.toml").write_text("adds = true\n", encoding="utf-8")
    assert "'slikproblemen'" in (told := error(made))
    assert "topics/slikproblemen.toml, regel 1" in told
    assert "red_flags.toml, regel" in told


def test_what_an_editor_leaves_behind_does_no_harm(tmp_path: Path) -> None:
    made = pack(tmp_path, topics__auto='\ufeffphrases = ["mijn auto start niet"]')
    (made / "intents" / "topics" / ".#auto.toml").symlink_to("somebody@somewhere")
    assert load_catalogue(made).topics == ("auto",)


@pytest.mark.parametrize("name", ["topics/map.toml", "off_topic.toml"])
def test_a_file_that_is_a_folder(tmp_path: Path, name: str) -> None:
    made = pack(tmp_path, topics__auto='phrases = ["mijn auto start niet"]')
    (made / "intents" / name).mkdir()
    assert "kan niet gelezen worden" in error(made)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    made = pack(tmp_path, topics__auto="")
    (made / "intents" / "topics" / "auto.toml").write_bytes(b'phrases = ["caf\xe9"]')
    assert "sla het opnieuw op als UTF-8" in error(made)


def test_no_such_pack(tmp_path: Path) -> None:
    assert "bestaat niet" in error(tmp_path / "nergens")


def test_a_pack_without_topics(tmp_path: Path) -> None:
    (tmp_path / "intents").mkdir()
    assert "geen onderwerpen" in error(tmp_path)


WORDS = st.sampled_from(["mijn", "auto", "start", "niet", "é", "…", " ", "", "{ding}", "<doet>"])


@st.composite
def templates(draw: st.DrawFn) -> str:
    """Sentence templates, most of them right; the rest has a bracket too many or too few."""
    text = draw(
        st.recursive(
            WORDS,
            lambda inner: st.lists(inner, min_size=1, max_size=4).flatmap(
                lambda parts: st.sampled_from(
                    [
                        " ".join(parts), "".join(parts), f"[{'|'.join(parts)}]",
                        f"({'|'.join(parts)})", f"({';'.join(parts)})", f"{{{''.join(parts)}}}",
                    ]
                )
            ),
            max_leaves=12,
        )
    )  # fmt: skip
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.sampled_from(list('()[]{}<>|;:\\"\0'))) + text[at:]
    return text


def _loaded_or_one_sentence(**files: str) -> None:
    with tempfile.TemporaryDirectory() as folder, or_one_sentence(ContentError):
        catalogue = load_catalogue(pack(Path(folder), **SMALL, **files))
        assert catalogue.topics
        assert all(phrase.words for phrase in catalogue.phrases)


SMALL = {
    "commands": '[stop]\nphrases = ["stop"]',
    "follow_ups": '[uitleg]\nphrases = ["hoe komt dat"]',
    "red_flags": '[brand]\ngrade = "now"\nphrases = ["er is brand"]',
}
"""So that each example takes milliseconds."""


@pytest.mark.fuzz
@tried(60)
@given(st.lists(templates(), min_size=1, max_size=4), templates(), st.lists(templates()))
def test_any_templates_rules_and_lists_give_phrases_or_one_sentence(
    phrases: list[str], rule: str, values: list[str]
) -> None:
    _loaded_or_one_sentence(
        topics__auto=f"phrases = {json.dumps(phrases)}\n[rules]\ndoet = {json.dumps(rule)}\n"
        f"[lists]\nding = {json.dumps(values)}\n"
    )


@pytest.mark.fuzz
@tried(60)
@given(
    toml_documents(
        st.sampled_from(["phrases", "rules.doet", "lists.ding", "lists", "rules", "grade", "x"]),
        templates(),
    )
)
@example(f"phrases = {'[' * 2_000}")
@example(f"phrases = {'9' * 5_000}")
def test_any_tables_give_phrases_or_one_sentence(document: str) -> None:
    _loaded_or_one_sentence(topics__auto=document)


@pytest.mark.fuzz
@tried(40)
@given(
    mutations(
        *((OWN_CONTENT / "topics" / f"{topic}.toml").read_text("utf-8") for topic in OURS),
        hostile=("[", "]", "(", ")", "<", ">", "{", "}", "|", '"', "\n", "=", "\\", "\0", "[a]\n"),
    )
)
def test_a_damaged_topic_gives_phrases_or_one_sentence(text: str) -> None:
    _loaded_or_one_sentence(topics__auto=text)
