"""``python -m training``: makes the speech model, as a whole or step by step, and what is learnt.

``graph`` needs neither PyTorch nor speech; ``model`` makes all of the speech model. ``hearing``
learns how far its words can be trusted; ``asides`` and ``understanding`` train the matcher's
networks. Those three are run by themselves.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from errors import SpeechModelError, SpiertolkError
from training.model_folder import make_graph
from voice.speech_model import EMBEDDED, find_model, looks_like_model

BUILD = Path("build") / "model"
NAME = "vosk-model-nl-spiertolk"
_MOST_WORKERS = 16


def main(argv: Sequence[str] | None = None) -> int:
    """Run the step that the command line names; gives the exit code: 0 fine, 2 an error."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    arguments = _parser().parse_args(argv)
    try:
        arguments.run(arguments)
    except SpiertolkError as error:
        return _failed(str(error))
    except ModuleNotFoundError as error:
        return _failed(f"Het pakket {error.name} ontbreekt; training/README.md zegt wat nodig is.")
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        return _failed(f"Lezen of schrijven lukt niet: {error.strerror or error}{where}.")
    return 0


def _failed(sentence: str) -> int:
    print(f"Spiertolk: {sentence}", file=sys.stderr)
    return 2


def _model(path: Path) -> Path:
    """The folder of a model that is there. Raises SpeechModelError for any other."""
    if not looks_like_model(path):
        raise SpeechModelError(f"Er is geen spraakmodel in {path}; controleer de naam van de map.")
    return path


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    steps = parser.add_subparsers(required=True, metavar="step")
    graph = steps.add_parser(
        "graph", help="words and graphs anew, for an acoustic model that is there"
    )
    graph.add_argument("--model", type=Path, default=EMBEDDED, help="acoustic model to keep")
    graph.add_argument("--content", type=Path, help="content pack whose words must be heard")
    graph.add_argument("--out", type=Path, default=BUILD / NAME, help="where the model goes")
    graph.set_defaults(run=lambda a: make_graph(_model(a.model), a.out, a.content))
    for name, text in (
        ("speech", "fetch, read, make over and synthesise the speech"),
        ("train", "train the acoustic model, or go on where it was cut off"),
        ("model", "everything: speech, training, graphs, evaluation, card"),
    ):
        step = steps.add_parser(name, help=text)
        step.add_argument("--speech", type=Path, action="append", default=[], help="more speech")
        step.add_argument("--no-game", action="store_true", help="leave the GPL-2 recordings out")
        step.add_argument("--start", type=Path, help="model of ours to go on from")
        step.add_argument(
            "--minutes", type=float, default=60, help="for the training, or 4,000 steps"
        )
        step.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
        step.add_argument("--cache", type=Path, default=BUILD / "cache")
        step.add_argument("--out", type=Path, default=BUILD / NAME, help="where the model goes")
        step.set_defaults(run=_acoustic_step, step=name)
    average = steps.add_parser("average", help="the average of models' weights, a model of its own")
    average.add_argument("models", nargs="+", type=Path, help="named twice, one counts twice")
    average.add_argument("--out", type=Path, required=True, help="where the model goes")
    average.set_defaults(run=_average)
    evaluate = steps.add_parser("evaluate", help="measure a model on the development set")
    evaluate.add_argument("model", type=Path)
    evaluate.add_argument("--cache", type=Path, default=BUILD / "cache")
    evaluate.set_defaults(run=_evaluate)
    hearing = steps.add_parser("hearing", help="how far what a model hears can be trusted")
    hearing.add_argument("--model", type=Path, default=EMBEDDED, help="the speech model")
    hearing.add_argument("--cache", type=Path, default=BUILD / "hearing")
    hearing.add_argument("--at-most", type=int, default=1_150, help="recordings to learn from")
    hearing.set_defaults(run=_hearing)
    asides = steps.add_parser("asides", help="which of the topics that are named is set aside")
    asides.set_defaults(run=_asides)
    understanding = steps.add_parser("understanding", help="what whole sentences of ours mean")
    understanding.set_defaults(run=_understanding)
    return parser


def _acoustic_step(arguments: argparse.Namespace) -> None:
    start = _model(arguments.start) / "am" / "final.mdl" if arguments.start else None
    import torch  # noqa: PLC0415  # it is there only where it is needed

    from training import recipe  # noqa: PLC0415
    from training.batches import LARGE, BatchSettings  # noqa: PLC0415
    from training.packages import game_speech  # noqa: PLC0415
    from training.train import GOING_ON, TrainingSettings  # noqa: PLC0415

    if arguments.device == "cuda" and not torch.cuda.is_available():
        raise SpiertolkError("PyTorch vindt hier geen grafische kaart; kies --device cpu.")
    game = None if arguments.no_game else game_speech(arguments.cache)
    pace = GOING_ON if arguments.start else TrainingSettings()
    workers = min(_MOST_WORKERS, max(1, len(os.sched_getaffinity(0)) - 1))
    plan = recipe.Recipe(
        cache=arguments.cache,
        folders=[*([game] if game else []), *arguments.speech],
        start=start,
        training=replace(pace, minutes=arguments.minutes, device=arguments.device, workers=workers),
        batches=BatchSettings() if arguments.device == "cpu" else LARGE,
    )
    if arguments.step == "speech":
        recipe.prepare(plan)
    elif arguments.step == "train":
        recipe.train(plan)
    else:
        recipe.make_model(plan, arguments.out)


def _average(arguments: argparse.Namespace) -> None:
    models = [_model(path) for path in arguments.models]
    from training.recipe import average  # noqa: PLC0415  # PyTorch is there only where it is needed

    average(models, arguments.out)


def _evaluate(arguments: argparse.Namespace) -> None:
    from training.figures import measure  # noqa: PLC0415  # needs the voices' engines

    measure(_model(arguments.model), arguments.cache)


def _hearing(arguments: argparse.Namespace) -> None:
    from training.hearing import learn  # noqa: PLC0415  # needs the voices' engines

    learn(find_model(arguments.model, {}), arguments.cache, arguments.at_most)


def _asides(_: argparse.Namespace) -> None:
    from training.asides import learn  # noqa: PLC0415  # PyTorch is there only where it is needed

    learn()


def _understanding(_: argparse.Namespace) -> None:
    from training.understanding import learn  # noqa: PLC0415  # PyTorch is there only where needed

    learn()


if __name__ == "__main__":
    sys.exit(main())
