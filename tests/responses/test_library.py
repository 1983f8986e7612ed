"""Packs of texts: what they may bring, and the sentence that each mistake gets."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from errors import ContentError
from intents.catalogue import load_catalogue
from responses.library import OWN_CONTENT, load_library
from responses.orphans import foreign_prompts, orphans
from responses.plain_dutch import load_terms
from tests.fuzzing import mutations, or_one_sentence, toml_documents, tried

OWN_TOPIC = (OWN_CONTENT / "topics" / "ooglid.toml").read_text(encoding="utf-8")
OWN_PROMPTS = (OWN_CONTENT / "prompts.toml").read_text(encoding="utf-8")
OWN_FLAGS = (OWN_CONTENT / "red_flags.toml").read_text(encoding="utf-8")

FLAGS_HEAD = """checked = 2026-11-27
clinician_signed_off = true
sign_off = "De Linde, 2026."
source = "Protocol van de praktijk"
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "responses" / "topics").mkdir(parents=True)
    return tmp_path


def write_topic(pack: Path, text: str, name: str = "hik.toml") -> Path:
    path = pack / "responses" / "topics" / name
    path.write_text(text, encoding="utf-8")
    return path


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_our_own_library_has_the_eight_topics_in_order() -> None:
    assert list(load_library().topics) == [
        "algemeen", "ooglid", "arm_of_been", "hele_lichaam", "stress", "vitamine_d", "ms", "als",
    ]  # fmt: skip


def test_a_pack_replaces_our_topics(pack: Path) -> None:
    write_topic(pack, OWN_TOPIC.replace("Een trillend ooglid", "De hik", 1))
    library = load_library(pack)
    assert {topic: text.title for topic, text in library.topics.items()} == {"hik": "De hik"}
    assert library.prompts == load_library().prompts
    assert library.red_flags == load_library().red_flags


def test_a_pack_that_adds_joins_our_topics(pack: Path) -> None:
    (pack / "pack.toml").write_text("adds = true\n")
    write_topic(pack, OWN_TOPIC)
    write_topic(pack, OWN_TOPIC.replace("Een trillend ooglid", "Ander ooglid"), "ooglid.toml")
    topics = load_library(pack).topics
    assert len(topics) == 9
    assert topics["ooglid"].title == "Ander ooglid"


def test_a_pack_without_texts_speaks_ours(tmp_path: Path) -> None:
    assert load_library(tmp_path) == load_library()


def test_a_pack_may_change_a_single_prompt(pack: Path) -> None:
    (pack / "responses" / "prompts.toml").write_text(
        '[session]\nwelcome = ["Welkom bij De Linde."]\n'
    )
    session = load_library(pack).prompts.session
    assert session.welcome == ("Welkom bij De Linde.",)
    assert session.goodbye == load_library().prompts.session.goodbye


@pytest.mark.parametrize("adds", ["false", "true"])
def test_a_packs_red_flags_join_ours_and_may_reword_them(pack: Path, adds: str) -> None:
    (pack / "pack.toml").write_text(f"adds = {adds}\n")
    own, flags = load_library().red_flags, pack / "responses" / "red_flags.toml"
    act = 'act = ["Druk op de rode knop."]\nthen = ["Blijf rustig."]\n'
    flags.write_text(f"{FLAGS_HEAD}[flags.brandwond]\n{act}[flags.ademnood]\n{act}", "utf-8")
    found = load_library(pack).red_flags
    assert set(found.flags) == {*own.flags, "brandwond"}
    assert found.flags["brandwond"] == found.flags["ademnood"]
    assert found.flags["ademnood"].act == ("Druk op de rode knop.",)
    assert found.flags["scheve_mond"] == own.flags["scheve_mond"]
    assert (found.now, found.soon, found.sign_off) == (own.now, own.soon, "De Linde, 2026.")


def test_red_flags_that_do_not_say_who_checked_them_are_refused(pack: Path) -> None:
    head = FLAGS_HEAD.replace("clinician_signed_off = true\n", "")
    (pack / "responses" / "red_flags.toml").write_text(f"{head}[flags]\n", encoding="utf-8")
    with pytest.raises(ContentError, match="'clinician_signed_off' ontbreekt"):
        load_library(pack)


@pytest.mark.parametrize(
    "name", ["prompt.toml", "red_flag.toml", "topics/lawaai.tml", "topics/oud/lawaai.toml"]
)
def test_a_name_that_means_nothing_is_refused(pack: Path, name: str) -> None:
    path = pack / "responses" / name
    path.parent.mkdir(exist_ok=True)
    path.touch()
    with pytest.raises(ContentError, match=r"responses/.* heeft een naam .* \*?\w*\.toml, of haal"):
        load_library(pack)


@pytest.mark.parametrize(
    ("old", "new", "at", "sentence"),
    [
        ("title =", "titel =", "[parts]", "'title' ontbreekt"),
        ("order = 2", "volgorde = 2", "volgorde", "'volgorde' is hier onbekend"),
        ("hoe_lang = [", "hoelang = [", "[parts]", "'hoe_lang' ontbreekt"),
        ("checked = ", 'checked = "gisteren" # ', "checked", "een datum"),
        ('"Aan het eind van zo\'n takje gaat iets mis."', '""', "uitleg", "lege zin"),
        ('"Aan het eind van zo\'n takje gaat iets mis."', '"{name}"', "uitleg", "accolades"),
        ('"Aan het eind van zo\'n takje gaat iets mis."', '"a { b"', "uitleg", "accolade"),
        ('source = "algemeen"', 'source = "buurman"', '"buurman"', "bron 'buurman'"),
        ("[parts]", "[parts", "[parts", "geen geldige TOML"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    pack: Path, old: str, new: str, at: str, sentence: str
) -> None:
    text = OWN_TOPIC.replace(old, new, 1)
    assert text != OWN_TOPIC
    path = write_topic(pack, text)
    with pytest.raises(ContentError) as error:
        load_library(pack)
    message = str(error.value)
    assert str(path) in message
    assert sentence in message
    if "TOML" not in sentence and "ontbreekt" not in sentence:
        assert f"regel {line_of(text, at)}:" in message


@pytest.mark.parametrize(
    ("prompts", "line", "sentence"),
    [
        ('\n[session]\nwelkom = ["Hoi."]\n', 3, "'welkom' is hier onbekend"),
        ('[sessie]\nwelcome = ["Hoi."]\n', 1, "'sessie' is hier onbekend"),
        ('[choice]\nask = "Welke van de twee?"\n', 2, "{first} en {second}"),
        ('[answer]\nfirst_topic = "Eerst {naam}."\n', 2, "hier hoort {name}"),
        ("[session]\nwelcome = []\n", 2, "minstens een zin"),
        ("[session]\nwelcome = 3\n", 2, "maak er een lijst van"),
        ("[session]\nwelcome = [3]\n", 2, "zet er tekst in"),
        ("[session]\nprivacy = 3\n", 2, "zet er tekst in"),
        ('[choice]\nask_again = ["Voor {first}"]\n', 2, "te weinig waarden"),
        ("session = 3\n", 1, "maak er een groep van, met [session]"),
    ],
)
def test_a_mistake_in_the_prompts_is_told_with_its_line(
    pack: Path, prompts: str, line: int, sentence: str
) -> None:
    path = pack / "responses" / "prompts.toml"
    path.write_text(prompts)
    with pytest.raises(ContentError) as error:
        load_library(pack)
    assert str(error.value).startswith(f"{path}, regel {line}: ")
    assert sentence in str(error.value)


def test_everything_that_is_wrong_in_a_file_is_told(pack: Path) -> None:
    text = OWN_TOPIC.replace("order = 2", 'order = "twee"').replace("hoe_lang = [", "duur = [", 1)
    write_topic(pack, text.replace("kern = [", "kern = [3,", 1))
    with pytest.raises(ContentError) as error:
        load_library(pack)
    told = [str(each) for each in (error.value, *error.value.others)]
    assert [sentence.split("'")[1] for sentence in told] == ["order", "kern", "hoe_lang", "duur"]
    assert "een heel getal" in told[0]
    assert f"hik.toml, regel {line_of(text, 'duur')}: " in told[3]


def test_a_flag_without_what_to_do_is_refused(pack: Path) -> None:
    flags = OWN_FLAGS.replace("[flags.ademnood]\nact =", "[flags.ademnood]\ndoe =")
    (pack / "responses" / "red_flags.toml").write_text(flags, encoding="utf-8")
    with pytest.raises(
        ContentError, match=f"regel {line_of(flags, '[flags.ademnood]')}: 'act' ontb"
    ):
        load_library(pack)


def test_a_pack_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="bestaat niet"):
        load_library(tmp_path / "weg")


def test_a_source_that_is_not_there_is_told_with_its_line(pack: Path) -> None:
    text = OWN_TOPIC.replace('source = "algemeen"', 'source = "NHG"', 1)
    path = write_topic(pack, text)
    with pytest.raises(ContentError, match=f"regel {line_of(text, 'NHG')}: .*'NHG'") as error:
        load_library(pack)
    assert str(error.value).startswith(str(path))


def test_what_an_editor_leaves_behind_does_no_harm(pack: Path) -> None:
    path = write_topic(pack, f"\ufeff{OWN_TOPIC}")  # a byte order mark
    path.with_name(f".#{path.name}").symlink_to("somebody@somewhere")
    assert list(load_library(pack).topics) == ["hik"]


def test_a_file_that_is_no_text(pack: Path) -> None:
    (pack / "responses" / "topics" / "hik.toml").write_bytes(b"title = '\xff\xfe'")
    with pytest.raises(ContentError, match="UTF-8"):
        load_library(pack)


def test_a_file_that_is_a_folder(pack: Path) -> None:
    (pack / "responses" / "topics" / "hik.toml").mkdir()
    with pytest.raises(ContentError, match="kan niet gelezen worden"):
        load_library(pack)


def test_orphans_are_named_both_ways() -> None:
    library = load_library()
    topics = {*library.topics, "hik"} - {"ooglid"}
    flags = {*library.red_flags.flags, "brandwond"} - {"ademnood"}
    commands = {*load_catalogue().labels("command"), "stoppen"} - {"stop"}
    found = orphans(library, topics, flags, commands, ("uitleg", "kosten"))
    assert [sentence.split("'")[1] for sentence in found] == [
        "hik", "ooglid", "brandwond", "ademnood", "stoppen", "stop", "kosten",
    ]  # fmt: skip


def test_a_pack_with_topics_of_its_own_is_told_which_prompts_are_about_ours(pack: Path) -> None:
    assert not list(foreign_prompts(load_library()))
    write_topic(pack, OWN_TOPIC)
    (remark,) = foreign_prompts(load_library(pack))
    assert "[session] welcome, [session] attract, " in remark
    lines = '[session]\nwelcome = ["Welkom."]\nattract = ["Hallo."]\n'
    (pack / "responses" / "prompts.toml").write_text(lines)
    (remark,) = foreign_prompts(load_library(pack))
    assert "session" not in remark
    (pack / "pack.toml").write_text("adds = true\n")
    assert not list(foreign_prompts(load_library(pack)))


def test_the_list_of_difficult_words_is_sound() -> None:
    terms = load_terms()
    assert not terms.familiar.words & terms.jargon.words


HOSTILE = (
    "[",
    "]",
    "{",
    "}",
    "{name}",
    "{0.a}",
    '"',
    "\n",
    "=",
    "\\",
    "[[a]]\n",
    "1",
    "true",
    "{}",
)
KEYS = (
    "title",
    "order",
    "source",
    "checked",
    "kern",
    "uitleg",
    "flags",
    "greeting",
    "x.y",
    "parts",
)


def _loaded_or_one_sentence(name: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "responses", "topics").mkdir(parents=True)
        path = Path(folder, name)
        path.write_text(text, encoding="utf-8")
        with or_one_sentence(ContentError):
            library = load_library(Path(folder))
            assert library.topics
            assert all(text.title.strip() for text in library.topics.values())


@pytest.mark.fuzz
@tried(150)
@given(
    st.sampled_from(
        [
            ("responses/topics/hik.toml", OWN_TOPIC),
            ("responses/prompts.toml", OWN_PROMPTS),
            ("responses/red_flags.toml", OWN_FLAGS),
        ]
    ).flatmap(lambda file: st.tuples(st.just(file[0]), mutations(file[1], hostile=HOSTILE)))
)
def test_a_damaged_file_of_texts_gives_texts_or_one_sentence(file: tuple[str, str]) -> None:
    _loaded_or_one_sentence(*file)


@pytest.mark.fuzz
@tried(100)
@given(
    st.sampled_from(
        [
            "responses/topics/hik.toml",
            "responses/prompts.toml",
            "responses/red_flags.toml",
            "pack.toml",
        ]
    ),
    toml_documents(st.sampled_from(KEYS), st.text(max_size=20)),
)
@example("responses/prompts.toml", f"greeting = {'[' * 2_000}")
@example("pack.toml", f"adds = {'9' * 5_000}")
def test_any_tables_give_texts_or_one_sentence(name: str, document: str) -> None:
    _loaded_or_one_sentence(name, document)
