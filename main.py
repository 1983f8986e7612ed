"""The commands: read the settings, wire the parts, print. No logic of its own."""

import argparse
import errno
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import TextIO

from assistant import Turn
from console import arguments, output
from console.answers import AnswerFiles
from console.journal import is_journal, set_up_log
from console.keyboard import key_presses
from console.listeners import Listener, listeners
from console.outlet import never_waiting
from console.questions import answer_texts
from console.recordings import hear_files
from console.screen import open_screen
from console.wiring import Parts
from errors import ContentError, SoundDeviceError, SpiertolkError
from settings import load_settings
from voice.audio import write_wav
from voice.devices import find_input, find_output, input_devices, output_devices
from voice.microphone import Microphone
from voice.speaker import amplify
from voice.speech_model import verify

VERSION = "0.1.0"
UNDERSTOOD, NOTHING_UNDERSTOOD, FAILED, INTERRUPTED = 0, 1, 2, 130

_NO_WAY_IN = {
    errno.ENAMETOOLONG: "die naam is te lang; controleer hem",
    errno.EACCES: "daar mag u niet bij; vraag om leesrechten of kies een ander bestand",
    errno.EPERM: "dat mag u niet; vraag om rechten of kies een ander bestand",
}
"""What a person can do about a file that the system keeps from us."""
_NO_WAY_OUT = (errno.ENOSPC, errno.EDQUOT, errno.EIO)

RECORDINGS = Path(__file__).parent / "audio_fixtures"
DEMO = RECORDINGS / "demo.txt"
"""The recordings of the demo, one path a line, in the order of a conversation."""


def main(argv: list[str] | None = None) -> int:
    """Run one command; gives the exit code: 0 fine, 1 nothing understood, 2 an error, 130 ended."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold what was said
    _open_missing_streams()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # no letter that a terminal lacks may stop us
            stream.reconfigure(errors="replace")
    options = arguments.build_parser(VERSION).parse_args(argv)
    set_up_log(verbose=options.verbose)
    for ending in (signal.SIGINT, signal.SIGTERM):  # a shell's "&" would leave SIGINT ignored
        signal.signal(ending, _interrupt)
    try:
        parts = Parts(load_settings(options.settings, arguments.settings(options)))
        code = COMMANDS[options.command](options, parts)
        sys.stdout.flush()
    except SpiertolkError as error:
        return _failed(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has left
        _empty_output()
        return INTERRUPTED
    except OSError as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        return _failed(sentence)
    return code


def _open_missing_streams() -> None:
    """Read nothing from, and write nothing to, a stream that whoever started us closed."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115  # until we end
            setattr(sys, name, nothing)


def _failed(error: SpiertolkError) -> int:
    print(f"Spiertolk: {error}", file=sys.stderr)
    _empty_output()
    return FAILED


def _empty_output() -> None:
    """Write what waits to be written, or drop it: Python would complain of that at its exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sentence(error: OSError) -> SpiertolkError | None:
    """What a person can do about it; None where nobody knows."""
    if error.errno in _NO_WAY_OUT:
        return SpiertolkError(
            "Ik kan niet schrijven: de schijf is vol of stuk; maak ruimte of kies een andere plek."
        )
    if error.filename is None or error.errno not in _NO_WAY_IN:
        return None
    return SpiertolkError(f"{error.filename}: {_NO_WAY_IN[error.errno]}.")


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    """SIGTERM ends us as Ctrl-C does: quietly, and with nothing half-written."""
    raise KeyboardInterrupt


def listen(options: argparse.Namespace, parts: Parts) -> int:
    """Converse through microphone and loudspeaker until Ctrl-C."""
    try:
        find_input(parts.settings.microphone.device)
        find_output(parts.settings.speaker.device)
    except SoundDeviceError as error:
        if not options.or_demo:
            raise
        print(f"{error}\nDaarom speel ik nu de opnamen af.\n")
        options.out = Path("answers")
        return demo(options, parts)

    shows = not options.quiet and not is_journal(sys.stdout)  # which keeps what is said for months
    with (
        never_waiting() as out,
        listeners(parts.settings, partial(_screen, options, parts, out) if shows else None) as tell,
        parts.live(tell) as conversation,
        key_presses(conversation.press),
    ):
        try:
            conversation.run()
        except KeyboardInterrupt:
            conversation.stop()
    return UNDERSTOOD


def _screen(options: argparse.Namespace, parts: Parts, out: TextIO) -> Listener:
    names = parts.library.names
    return open_screen(out, parts.settings.conversation, names, as_json=options.json)


def demo(options: argparse.Namespace, parts: Parts) -> int:
    """Hear the demo recordings; the answers go into WAV files."""
    names = DEMO.read_text(encoding="utf-8").split()
    options.files = [RECORDINGS / name for name in names]
    options.separate = False
    return hear(options, parts)


def hear(options: argparse.Namespace, parts: Parts) -> int:
    """Hear WAV files, as one conversation or each as its own."""
    understood = False
    with ExitStack() as stack:
        answers = None
        if options.out:
            speaker = stack.enter_context(parts.speaker())
            answers = AnswerFiles(speaker, options.out, parts.settings.speaker.volume)
        for path, turn in hear_files(options.files, parts, separate=options.separate):
            understood |= output.is_understood(turn)
            _print_turn(turn, options, parts, str(path))
            if answers and turn.reply and turn.reply.text:
                written = answers.write(turn.reply, path.stem)
                if not options.json:
                    print(f"  Gesproken: {written}\n")
    return UNDERSTOOD if understood else NOTHING_UNDERSTOOD


def ask(options: argparse.Namespace, parts: Parts) -> int:
    """Answer typed questions."""
    understood = False
    for turn in answer_texts(options.texts, parts, separate=options.separate):
        understood |= output.is_understood(turn)
        _print_turn(turn, options, parts)
    return UNDERSTOOD if understood else NOTHING_UNDERSTOOD


def _print_turn(
    turn: Turn, options: argparse.Namespace, parts: Parts, file: str | None = None
) -> None:
    names = parts.library.names
    print(output.as_json(turn, file) if options.json else output.as_text(turn, names, file),
          flush=True)  # fmt: skip


def say(options: argparse.Namespace, parts: Parts) -> int:
    """Say a text aloud, or write it to a WAV file."""
    with parts.speaker() as speaker:
        if options.out is None:
            speaker.say(options.text)
        else:
            speech = speaker.synthesize(options.text)
            samples = amplify(speech.samples, parts.settings.speaker.volume)
            write_wav(options.out, samples, speech.rate)
    return UNDERSTOOD


def devices(options: argparse.Namespace, parts: Parts) -> int:
    """List microphones and loudspeakers."""
    del parts
    for kind, found in (("microfoon", input_devices()), ("luidspreker", output_devices())):
        if not found and not options.json:
            print(f"{kind:<12} (geen gevonden)")
        for device in found:
            if options.json:
                print(json.dumps({"kind": kind, **asdict(device)}, ensure_ascii=False))
            else:
                print(f"{kind:<12} {device.name}{' (standaard)' if device.is_default else ''}")
    return UNDERSTOOD


def topics(options: argparse.Namespace, parts: Parts) -> int:
    """List the topics with their titles."""
    if parts.orphans:  # a pack without texts would seem to have ours
        raise ContentError(parts.orphans[0])
    for topic, text in parts.library.topics.items():
        if options.json:
            print(json.dumps({"topic": topic, "title": text.title}, ensure_ascii=False))
        else:
            print(f"{topic:<14} {text.title}")
    return UNDERSTOOD


def check(options: argparse.Namespace, parts: Parts) -> int:
    """Check every part, one line each."""
    from console import health

    passed = True
    for finding in health.check(parts):
        passed &= finding.passed
        if options.json:
            print(json.dumps(asdict(finding), ensure_ascii=False))
        else:
            mark = "let op" if finding.warning else "goed" if finding.passed else "FOUT"
            print(f"{mark:<7}{finding.part:<12} {finding.remark}")
    return UNDERSTOOD if passed else FAILED


def model(options: argparse.Namespace, parts: Parts) -> int:
    """List, verify or install speech models."""
    from console import models

    if options.action == "list":
        for line in models.listed(os.environ, as_json=options.json):
            print(line)
        return UNDERSTOOD
    if options.action == "install":
        print(models.installed(options.source, os.environ, options.sha256))
        return UNDERSTOOD
    checks = list(verify(parts.speech_model.path))
    for found in checks:
        print(models.checked(found, as_json=options.json))
    return UNDERSTOOD if all(found.passed for found in checks) else FAILED


def record(options: argparse.Namespace, parts: Parts) -> int:
    """Record a real voice that reads the sentences of the recordings."""
    from console.record import read_sentences
    from console.record import record as record_voice

    find_input(parts.settings.microphone.device)  # before anybody reads a consent for nothing
    sentences = read_sentences(RECORDINGS / "sentences.tsv")
    record_voice(options.folder, sentences, lambda: Microphone(parts.settings.microphone))
    return UNDERSTOOD


def stats(options: argparse.Namespace, parts: Parts) -> int:
    """Show what was counted."""
    from console import stats as counted

    summary = counted.read(options.file, options.days, parts.settings.counters)
    if summary is None:
        print("{}" if options.json else "Er is nog niets geteld.")
    elif options.json:
        print(json.dumps(summary.record(), ensure_ascii=False))
    else:
        for piece in counted.shown(summary, colors=sys.stdout.isatty()):
            print(piece)
    return UNDERSTOOD


def service(options: argparse.Namespace, parts: Parts) -> int:
    """Install, remove or show the service."""
    del parts
    from console import service as services
    from console import sudo

    if options.action == "install":
        file = options.settings or sudo.settings_file(os.environ)
        files = Parts(load_settings(file, arguments.settings(options))).files(file)
        unit = services.unit(options, files)
        print(services.chosen(files), file=sys.stderr)
        print(unit if options.print else services.install(unit, options.root))
    elif options.action == "remove":
        print(services.remove(options.root))
    else:
        print(services.shown(as_json=options.json))
    return UNDERSTOOD


def evaluate(options: argparse.Namespace, parts: Parts) -> int:
    """Measure how well a folder of recordings is heard and understood."""
    from console import evaluation

    report = evaluation.evaluate(options, parts, VERSION)
    page = evaluation.write_page(report, options.out)
    print(evaluation.as_json(report) if options.json else evaluation.as_text(report), flush=True)
    print(evaluation.closing(options.out, page), file=sys.stderr)
    return UNDERSTOOD if report.clean else FAILED


COMMANDS: dict[str, Callable[[argparse.Namespace, Parts], int]] = {
    "listen": listen,
    "demo": demo,
    "hear": hear,
    "ask": ask,
    "say": say,
    "devices": devices,
    "topics": topics,
    "check": check,
    "model": model,
    "record": record,
    "stats": stats,
    "service": service,
    "evaluate": evaluate,
}


if __name__ == "__main__":
    sys.exit(main())
