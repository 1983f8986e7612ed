"""What our driver really says, in espeak-ng's phonemes; and that captions keep their place."""

import re
import tomllib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice import pronunciation
from voice.pronunciation import spoken_form
from voice.speech_engine import Mark, SpeechEngine

TABLE = tomllib.loads(pronunciation._TABLE.read_text(encoding="utf-8"))
WORDS: dict[str, str] = {**TABLE["words"], **TABLE["exact"]}


@pytest.fixture(scope="module")
def engine() -> Iterator[SpeechEngine]:
    engine = SpeechEngine("nl")
    yield engine
    engine.close()


def said(engine: SpeechEngine, text: str) -> str:
    """The phonemes of a text, without pauses and glottal stops."""
    phonemes = engine.render(spoken_form(text).text, rate=160).phonemes
    return " ".join(re.sub(r"_:_|_\||_!|_:|!(?= )|_", " ", phonemes).split())


def plain(engine: SpeechEngine, text: str) -> str:
    """The phonemes that espeak-ng would choose by itself."""
    return engine.render(text, rate=160).phonemes


@pytest.mark.parametrize("context", ["{}", "Het is ({}).", "Is ‘{}’ goed?", "De {}, en: {}!"])
def test_words_of_the_table_are_said_so_wherever_they_stand(
    engine: SpeechEngine, context: str
) -> None:
    for word, phonemes in WORDS.items():
        heard = engine.render(spoken_form(context.format(word, word)).text, rate=160).phonemes
        assert heard.count(phonemes) == context.count("{}"), (word, heard)


def test_table_holds_nothing_that_espeak_says_so_anyway(engine: SpeechEngine) -> None:
    for word, phonemes in WORDS.items():
        alone = plain(engine, word).strip().removesuffix("_:_").lstrip("_|!")
        assert alone != phonemes, word


@pytest.mark.parametrize(
    ("text", "phonemes"),
    [
        ("ALS", ",a:El'Es"),
        ("als", "'Als"),
        ("Als het trilt.", "Als h@ tr'Ilt"),
        ("MS", ",Em'Es"),
        ("multiple sclerose", "m'8ltipl@ skle:r'o:z@"),
        ("vitamine D", "v,ita:m'in@ d'e:"),
        ("fasciculaties", "f,Asikyl'a:tsis"),
        ("tics", "t'Iks"),
        ("m'n", "m'@n"),
        ("zo'n", "z'o:n"),
        ("Ooglid", "'o:xl,It"),
        ("OOGLID", "'o:xl,It"),
    ],
)
def test_single_words(engine: SpeechEngine, text: str, phonemes: str) -> None:
    assert said(engine, text) == phonemes


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Bel 112.", "Bel één één twee."),
        (
            "Bel nu 113, of gratis 0800-0113.",
            "Bel nu één één drie, of gratis nul acht nul nul, nul één één drie.",
        ),
        ("Bel 06-12345678.", "Bel nul zes, één twee drie vier vijf zes zeven acht."),
        ("Dat kost € 12,50.", "Dat kost 12 euro 50."),
        ("Dat kost €3.", "Dat kost 3 euro."),
        ("Dat kost € 0,95.", "Dat kost 95 cent."),
        ("Dat kost € 1.200,-.", "Dat kost 1.200 euro."),
        ("Kom om 14:30.", "Kom om 14 uur 30."),
        ("Kom om 14.30 uur.", "Kom om 14 uur 30."),
        ("Kom om 9:00 uur.", "Kom om 9 uur."),
        ("5-10 minuten", "5 tot 10 {minuten}"),
        ("3x per dag", "3 keer per dag"),
        ("10 mg, 5 ml of 20 µg", "10 milligram, 5 milliliter of 20 microgram"),
        ("37,5 °C", "37,5 graden"),
        ("de 1e, 2e en 3e keer", "de eerste, tweede en derde keer"),
        ("bijv. dr. Jansen", "bijvoorbeeld dokter Jansen"),
        ("d.w.z. o.a. mevr. A", "dat wil zeggen onder andere mevrouw A"),
        ("arm/been", "arm of been"),
        ("arm en/of been", "arm of been"),
        ("maandag t/m vrijdag", "maandag tot en met vrijdag"),
        ("1123 en 2112", "1123 en 2112"),
        ("1,5 liter", "1,5 liter"),
        ("een als-dan vraag", "een als-dan vraag"),
    ],
)
def test_numbers_and_abbreviations(written: str, spoken: str) -> None:
    for word, phonemes in TABLE["words"].items():
        spoken = spoken.replace(f"{{{word}}}", f" [[{phonemes}]] ")
    assert spoken_form(written).text == spoken


@pytest.mark.parametrize("order", ["[[b'Om]]", "<break time='3s'/>", "</speak>", "{x}", "a\0b"])
def test_orders_to_espeak_are_mere_text(order: str) -> None:
    assert not set(spoken_form(order).text) & set("[]<>{}\0")


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from([*WORDS, "112", "€ 3", ",", "(", " "])).map(" ".join)
)
def test_every_place_leads_back_into_the_text(text: str) -> None:
    form = spoken_form(text)
    for place in range(len(form.text)):
        position, length = form.origin(place, 1)
        assert 0 <= position <= position + length <= len(text)
    unchanged = [piece for piece in form.pieces if not piece.replaced]
    for piece in unchanged:
        spoken = form.text[piece.spoken : piece.spoken + piece.length]
        original = text[piece.original : piece.original + piece.length]
        assert all(a in (b, " ") for a, b in zip(spoken, original, strict=True))


def test_replaced_words_point_at_the_written_word(engine: SpeechEngine) -> None:
    text = "Bij ALS of een trillend ooglid: bel 112 of uw huisarts."
    form = spoken_form(text)
    marks: tuple[Mark, ...] = engine.render(form.text, rate=160).marks
    places = dict.fromkeys(form.origin(mark.position, mark.length) for mark in marks)
    words = [text[position : position + length] for position, length in places]
    assert words == [
        "Bij",
        "ALS",
        "of",
        "een",
        "trillend",
        "ooglid",
        "bel",
        "112",
        "of",
        "uw",
        "huisarts",
    ]
