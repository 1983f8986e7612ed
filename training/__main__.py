"""``python -m training``: the steps of the recipe, each on its own."""

import argparse
import logging
from pathlib import Path

from training.model_folder import make_graph
from voice.speech_model import EMBEDDED

BUILD = Path("build") / "model"


def main() -> None:
    """Run the step that the command line names."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    arguments = _parser().parse_args()
    arguments.run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    steps = parser.add_subparsers(required=True, metavar="step")
    graph = steps.add_parser("graph", help="words, pronunciations, language model and graphs anew")
    graph.add_argument("--model", type=Path, default=EMBEDDED, help="acoustic model to keep")
    graph.add_argument("--content", type=Path, help="content pack whose words must be heard")
    graph.add_argument("--out", type=Path, default=BUILD / "graph", help="where the new model goes")
    graph.set_defaults(run=lambda a: make_graph(a.model, a.out, a.content))
    return parser


if __name__ == "__main__":
    main()
