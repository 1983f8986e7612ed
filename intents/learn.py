"""``python -m intents.learn``: learn from our own content anew, after it was changed."""

from intents.catalogue import WRITTEN_OUT, load_catalogue
from intents.classifier import Classifier, learnt_name
from intents.pack import OWN_CONTENT, find_pack
from intents.templates import write_out

EXAMPLE = OWN_CONTENT / "example"
"""A pack on another subject than ours: opening hours and house rules of a practice."""


def main() -> None:
    """Write what was learnt beside the content."""
    write_out(find_pack(None)).keep(WRITTEN_OUT)
    catalogue = load_catalogue()
    classifier = Classifier(catalogue, calibrate=True)
    classifier.keep(learnt_name(catalogue), load_catalogue(EXAMPLE))


if __name__ == "__main__":
    main()
