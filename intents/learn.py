"""``python -m intents.learn``: learn from our own content anew, after it was changed."""

from intents.catalogue import WRITTEN_OUT, load_catalogue
from intents.classifier import Classifier, learnt_name
from intents.pack import find_pack
from intents.templates import write_out


def main() -> None:
    """Write what was learnt beside the content."""
    write_out(find_pack(None)).keep(WRITTEN_OUT)
    catalogue = load_catalogue()
    Classifier(catalogue, calibrate=True).keep(learnt_name(catalogue))


if __name__ == "__main__":
    main()
