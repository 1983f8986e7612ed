"""What may not be known beforehand stands in no text of the language model."""

from training.corpus import Corpus, CorpusSettings, build_corpus, read_sentences


def test_development_sentences_are_in_no_text_of_the_language_model() -> None:
    """Phrases grow: one that is written after them must not be one of them."""
    sentences = read_sentences("development.txt")
    corpus = build_corpus(None, CorpusSettings())
    assert set(sentences) - set(corpus.unseen(sentences)) == set()
    assert len(corpus.unseen(read_sentences("held_out.txt"))) > 25  # enough to set five weights


def test_what_a_component_holds_is_not_unseen() -> None:
    corpus = Corpus({"phrases": (("mijn", "oog"),), "chatter": (("dag",),)}, {})
    assert corpus.unseen([("mijn", "oog"), ("mijn", "been"), ("dag",)]) == (("mijn", "been"),)
