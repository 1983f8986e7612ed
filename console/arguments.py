"""What can be typed after ``main.py``, explained in Dutch for the people at the desk."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn


class DutchParser(argparse.ArgumentParser):
    """``argparse`` with its own few words in Dutch; a wrong command line is exit code 2."""

    def __init__(self, *, own_help: bool = True, **options: Any) -> None:  # noqa: ANN401  # argparse's
        super().__init__(add_help=False, allow_abbrev=False, **options)
        self._positionals.title = "wat u opgeeft"
        self._optionals.title = "opties"
        if own_help:
            self.add_argument("-h", "--help", action="help", help="toon deze uitleg")

    def format_usage(self) -> str:
        """The usage line, with the Dutch word before it."""
        return super().format_usage().replace("usage:", "gebruik:", 1)

    def format_help(self) -> str:
        """The whole help text, with the Dutch word before it."""
        return super().format_help().replace("usage:", "gebruik:", 1)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line and where the help is."""
        self.exit(2, f"Spiertolk: {_in_dutch(message)}. Typ {self.prog} --help voor uitleg.\n")


_MOST_DAYS = 36_500


def _count(text: str) -> int:
    """A whole number, 0 or more."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is geen heel getal van 0 of meer")
    return int(text)


_ARGPARSE_WORDS = (
    ("the following arguments are required:", "dit ontbreekt nog:"),
    ("unrecognized arguments:", "dit ken ik niet:"),
    ("invalid choice:", "dat bestaat niet:"),
    ("choose from", "kies uit"),
    ("expected one argument", "hier hoort iets achter"),
    ("expected at least one argument", "hier hoort iets achter"),
    ("argument ", "bij "),
    ("invalid ", "geen geldige waarde: "),
)


def _in_dutch(message: str) -> str:
    for english, dutch in _ARGPARSE_WORDS:
        message = message.replace(english, dutch)
    return message


def _common(*, after_command: bool) -> DutchParser:
    """The options that every command takes, before its name or after it."""
    # Without SUPPRESS a default after the command would undo a value given before it.
    default = argparse.SUPPRESS if after_command else None
    common = DutchParser(own_help=False, argument_default=default)
    group = common.add_argument_group("overal te gebruiken")
    group.add_argument("--settings", type=Path, metavar="BESTAND", help="instellingen (TOML)")
    group.add_argument("--model", type=Path, metavar="MAP", help="map met een Vosk-spraakmodel")
    group.add_argument("--content", type=Path, metavar="MAP", help="map met eigen onderwerpen")
    group.add_argument(
        "--profile",
        choices=("kiosk", "home", "personal"),
        help="waar het staat: wachtkamer (kiosk), huiskamer (home) of bij een blinde gebruiker",
    )
    group.add_argument("--microphone", metavar="NAAM", help="microfoon (een deel van de naam)")
    group.add_argument("--loudspeaker", metavar="NAAM", help="luidspreker (een deel van de naam)")
    for name, help_text in (
        ("--json", "uitvoer voor programma's"),
        ("--verbose", "toon ook het logboek"),
    ):
        group.add_argument(name, action="store_true", default=default or False, help=help_text)
    return common


def settings(options: argparse.Namespace) -> dict[str, object]:
    """The settings that the command line names, nested as in the settings file."""
    named = {name: getattr(options, name) for name in ("model", "content", "profile")}
    conversation: dict[str, object] = {}
    if options.listen or options.wake_phrase:
        conversation["listen"] = options.listen or "phrase"
    if options.wake_phrase:
        conversation["wake"] = {"words": options.wake_phrase}
    groups: dict[str, object] = {
        "microphone": {"device": options.microphone} if options.microphone else {},
        "speaker": {"device": options.loudspeaker} if options.loudspeaker else {},
        "conversation": conversation,
        "counters": {"keep": True} if options.keep_counts else {},
        "barge_in": {"enabled": True} if options.barge_in else {},
    }
    return {name: value for name, value in {**named, **groups}.items() if value}


def build_parser(version: str) -> argparse.ArgumentParser:
    """The parser of the whole command line; ``arguments.command`` names the command."""
    parser: argparse.ArgumentParser = DutchParser(
        prog="main.py",
        parents=[_common(after_command=False)],
        description="Spiertolk luistert naar een klacht en geeft hardop uitleg. "
        "Alles blijft op deze computer.",
        epilog="Zonder opdracht luistert Spiertolk naar de microfoon.",
    )
    version_text = f"Spiertolk {version}"
    parser.add_argument("--version", action="version", version=version_text, help="toon de versie")
    parser.set_defaults(
        command="listen",
        or_demo=False,
        listen=None,
        wake_phrase=None,
        keep_counts=False,
        quiet=False,
        barge_in=False,
    )
    commands = parser.add_subparsers(
        title="opdrachten", metavar="OPDRACHT", parser_class=DutchParser, prog="main.py"
    )

    def add(name: str, help_text: str) -> argparse.ArgumentParser:
        child: argparse.ArgumentParser = commands.add_parser(
            name,
            help=help_text,
            description=help_text[0].upper() + help_text[1:] + ".",
            parents=[_common(after_command=True)],
        )
        child.set_defaults(command=name)
        return child

    _add_conversation_commands(add)
    _add_maintenance_commands(add)
    return parser


def _add_conversation_commands(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    listen = add("listen", "luister naar de microfoon en antwoord hardop")
    _add_listening(listen)
    listen.add_argument(
        "--quiet", action="store_true", help="toon niets van wat er gezegd wordt (voor een dienst)"
    )
    listen.add_argument(
        "--or-demo", action="store_true", help="speel opnamen af als er geen microfoon is"
    )
    demo = add("demo", "laat zien hoe het werkt, met de opnamen die erbij zitten")
    demo.add_argument(
        "--out",
        type=Path,
        default=Path("answers"),
        metavar="MAP",
        help="hier komen de antwoorden, als WAV (standaard: answers)",
    )
    hear = add("hear", "luister naar geluidsbestanden (WAV); samen zijn ze een gesprek")
    hear.add_argument("files", nargs="+", type=Path, metavar="WAV")
    hear.add_argument("--separate", action="store_true", help="elk bestand is een eigen gesprek")
    hear.add_argument("--out", type=Path, metavar="MAP", help="bewaar de antwoorden als WAV")
    ask = add("ask", "stel een vraag in tekst; met - leest het regels van de invoer")
    ask.add_argument("texts", nargs="+", metavar="TEKST")
    ask.add_argument("--separate", action="store_true", help="elke regel is een eigen gesprek")
    say = add("say", "spreek een tekst uit")
    say.add_argument("text", metavar="TEKST")
    say.add_argument("--out", type=Path, metavar="BESTAND", help="schrijf naar een WAV-bestand")


def _add_listening(parser: argparse.ArgumentParser) -> None:
    """How a live conversation goes, whoever starts it."""
    parser.add_argument(
        "--listen",
        choices=("always", "phrase", "key"),
        help="altijd luisteren, na een wekzin (phrase), of na Enter of spatie (key)",
    )
    parser.add_argument(
        "--wake-phrase", metavar="WOORDEN", help="de wekzin (standaard: hallo computer)"
    )
    parser.add_argument(
        "--keep-counts",
        action="store_true",
        help="bewaar hoe vaak er iets gevraagd wordt (geen woorden); bekijk het met stats",
    )
    parser.add_argument(
        "--barge-in",
        action="store_true",
        help="luister ook terwijl ik praat: met uw stem onderbreekt u mij",
    )


def _add_service(service: argparse.ArgumentParser) -> None:
    actions = service.add_subparsers(
        dest="action", required=True, metavar="install|remove|show", parser_class=DutchParser
    )
    common = _common(after_command=True)
    install = actions.add_parser(
        "install", help="installeer de dienst en start hem", parents=[common]
    )
    _add_listening(install)
    install.add_argument(
        "--print", action="store_true", help="toon alleen wat er geïnstalleerd zou worden"
    )
    remove = actions.add_parser("remove", help="stop de dienst en haal hem weg", parents=[common])
    for parser in (install, remove):
        parser.add_argument(
            "--root",
            type=Path,
            default=Path("/"),
            metavar="MAP",
            help="de hoofdmap van een ander systeem, dat niet draait",
        )
    actions.add_parser("show", help="toon hoe het met de dienst gaat", parents=[common])


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_DAYS:
        raise argparse.ArgumentTypeError("geef een aantal dagen, zoals 30")
    return int(text)


def _add_maintenance_commands(add: Callable[[str, str], argparse.ArgumentParser]) -> None:
    add("devices", "toon de microfoons en luidsprekers")
    add("topics", "toon de onderwerpen")
    add("check", "controleer spraakmodel, stem, apparaten en teksten")
    model = add("model", "bekijk, controleer of installeer een spraakmodel")
    actions = model.add_subparsers(
        dest="action", required=True, metavar="list|verify|install", parser_class=DutchParser
    )
    common = _common(after_command=True)
    actions.add_parser("list", help="toon de spraakmodellen", parents=[common])
    actions.add_parser("verify", help="controleer het spraakmodel byte voor byte", parents=[common])
    install = actions.add_parser(
        "install", help="installeer een Nederlands spraakmodel", parents=[common]
    )
    install.add_argument("source", metavar="NAAM|ZIP|URL")
    install.add_argument("--sha256", metavar="SOM", help="de controlesom die het moet hebben")
    stats = add("stats", "toon hoe vaak er iets gevraagd is, als tabel en grafiek")
    stats.add_argument("--file", type=Path, metavar="BESTAND", help="het bestand met tellingen")
    stats.add_argument(
        "--days", type=_days, metavar="AANTAL", help="alleen de laatste dagen (standaard: alle)"
    )
    _add_service(add("service", "laat Spiertolk vanzelf starten met de computer (systemd)"))
    record = add("record", "neem zinnen op met een echte stem, om mee te testen")
    record.add_argument("folder", type=Path, metavar="MAP", help="hier komen de opnamen")
    evaluate = add("evaluate", "meet hoe goed opnamen gehoord en begrepen worden")
    evaluate.add_argument(
        "folder",
        type=Path,
        metavar="MAP",
        help="WAV-bestanden met de gesproken zin als naam, of een manifest.jsonl of manifest.csv",
    )
    evaluate.add_argument(
        "--out",
        type=Path,
        default=Path("evaluatie"),
        metavar="MAP",
        help="hier komen de metingen en het rapport (standaard: evaluatie)",
    )
    for name, example, help_text in (
        ("--noise", "babble:10,white:20", "voeg geluid toe, met hoeveel dB de spraak luider is"),
        ("--room", "0.5,0.8", "met galm van zoveel seconden"),
        ("--far", "1,3", "op zoveel meter van de microfoon"),
        ("--clip", "12", "zoveel dB te luid opgenomen"),
    ):
        evaluate.add_argument(name, default="", metavar=example, help=help_text)
    evaluate.add_argument("--telephone", action="store_true", help="door een telefoonlijn")
    evaluate.add_argument(
        "--seed", type=_count, default=0, metavar="GETAL", help="voor ander toeval"
    )
    evaluate.add_argument(
        "--jobs",
        type=_count,
        default=0,
        metavar="AANTAL",
        help="opnamen tegelijk (standaard: kernen)",
    )
