"""``main.py service``: the assistant as a service of systemd, which starts it with the machine."""

import argparse
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Template

from console.watchdog import DEAF
from errors import ServiceError

NAME = "spiertolk.service"
_TEMPLATE = Path(__file__).parent / NAME
_ROOT = Path(__file__).resolve().parent.parent
_UNITS = Path("etc/systemd/system")
_HOMES = tuple(map(Path, ("/home", "/root", "/run/user")))
_TEMPORARY = tuple(map(Path, ("/tmp", "/var/tmp")))  # noqa: S108  # named, not used
_BOOTED = Path("/run/systemd/system")  # sd_booted(3)
_ANSWER_SECONDS = 330.0  # a start takes 300 s at most: the unit's TimeoutStartSec
_LISTENING = ("profile", "microphone", "loudspeaker", "listen", "wake_phrase")
_PRODUCT = ("console", "counters", "intents", "models", "responses", "voice")
_PLAIN = re.compile(r"[\w/.-]+")


def unit(options: argparse.Namespace, files: Mapping[str, Path | None]) -> str:
    """The unit's text, for a service that listens as the command line says.

    Args:
        options: the command line.
        files: what else to hand over by its path: ``settings``, ``model``, ``content``.

    Raises:
        ServiceError: the program or a file lies where a service can't reach it.
    """
    found = {name: path.resolve() for name, path in files.items() if path is not None}
    venv = Path(sys.prefix)  # as it is named: what it may be a link to is another place
    python = Path(os.path.realpath(sys.executable)).parent.parent
    needed = [_ROOT, venv, venv.resolve(), Path(sys.base_prefix), python]
    at_home = [path for path in _outermost([*needed, *found.values()]) if _is_in(path, _HOMES)]
    libraries = {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib", "stdlib")}
    for path in (_ROOT, venv, Path(sys.executable), *libraries, *found.values()):
        _check_reachable(path, at_home)
    for path in (*_ROOT.glob("*.py"), *map(_ROOT.joinpath, _PRODUCT), *libraries, *_read(found)):
        _check_all_of(path)
    command = [sys.executable, str(_ROOT / "main.py"), "listen", "--quiet", "--verbose"]
    chosen = {name: getattr(options, name) for name in _LISTENING}
    for name, value in (*chosen.items(), *found.items()):
        if value:
            command += [f"--{name.replace('_', '-')}", str(value)]
    if options.keep_counts:
        command.append("--keep-counts")
    if options.barge_in:
        command.append("--barge-in")
    home = "ProtectHome=yes"
    if at_home:
        bound = " ".join(_quoted(str(path)) for path in at_home)
        home = f"ProtectHome=tmpfs\nBindReadOnlyPaths={bound}"
    template = Template(_TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(command=" ".join(map(_in_command, command)), home=home)


def chosen(files: Mapping[str, Path | None]) -> str:
    """Which speech model and settings the service will use: whoever installs it sees a slip."""
    model, settings = files["model"] or "dat erbij zit", files["settings"] or "geen bestand"
    return f"Voor de dienst: spraakmodel {model}, instellingen {settings}."


def install(text: str, root: Path) -> str:
    """Write the unit and start it with the machine; gives the closing sentence.

    Args:
        text: the unit.
        root: the machine's root folder; anything but ``/`` is prepared, and nothing is started.

    Raises:
        ServiceError: there is no systemd, no permission, or it does not start.
    """
    _need_systemd(root)
    path = root / _UNITS / NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _forbidden(path) from error
    if not _is_this_machine(root):
        _systemctl("--root", str(root), "enable", NAME)
        return f"De dienst staat klaar in {path}."
    _systemctl("daemon-reload")
    _systemctl("enable", NAME)
    try:
        _systemctl("restart", NAME)  # also where an older one runs
    except ServiceError as error:
        raise ServiceError(
            "De dienst is geïnstalleerd, maar hij start niet: kijk met 'journalctl -u spiertolk' "
            "wat er mis is."
        ) from error
    return "De dienst spiertolk luistert, en start voortaan met de computer."


def remove(root: Path) -> str:
    """Stop the service and take it away; gives the closing sentence.

    Raises:
        ServiceError: there is none, no systemd, or no permission.
    """
    path = root / _UNITS / NAME
    if not path.exists():
        raise ServiceError(f"Er is geen dienst in {path}: er valt niets weg te halen.")
    _need_systemd(root)
    here = _is_this_machine(root)
    if here and os.geteuid() != 0:
        raise _forbidden(path)
    _systemctl(*(("disable", "--now") if here else ("--root", str(root), "disable")), NAME)
    try:
        path.unlink()
    except OSError as error:
        raise _forbidden(path) from error
    if here:
        _systemctl("daemon-reload")
    return "De dienst is weg. De tellingen blijven staan, in /var/lib/spiertolk."


def state() -> dict[str, str] | None:
    """What systemd says of the service (``ActiveState``, ``StatusText`` …); None: there is none.

    Raises:
        ServiceError: systemd gives no answer.
    """
    if not (Path("/") / _UNITS / NAME).exists() or not _BOOTED.is_dir():
        return None
    shown = _systemctl("show", NAME, "--property=ActiveState,SubState,StatusText,NRestarts")
    return dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)


def is_well(state: Mapping[str, str]) -> bool:
    """Whether the service listens now, to a microphone that gives sound."""
    deaf = state.get("StatusText", "").startswith(DEAF)
    return state.get("ActiveState") == "active" and not deaf


def sentence(state: Mapping[str, str]) -> str:
    """How the service does, and what to do where it does not."""
    if state.get("ActiveState") == "active":
        restarts = int(state.get("NRestarts", "0"))
        again = f" Hij is {restarts} keer vanzelf opnieuw gestart." if restarts else ""
        return (state.get("StatusText") or "De dienst draait.") + again
    if state.get("ActiveState") in ("activating", "reloading"):
        return "De dienst start; wacht een minuut en kijk dan nog eens."
    return "De dienst draait niet: kijk met 'journalctl -u spiertolk' wat er mis is."


def shown(*, as_json: bool) -> str:
    """How the service does, for people or programs. Raises ServiceError where there is none."""
    found = state()
    if found is None:
        raise ServiceError(
            "Er is geen dienst op deze computer: installeer hem met 'main.py service install'."
        )
    return json.dumps(found, ensure_ascii=False) if as_json else sentence(found)


def _is_in(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _outermost(paths: Sequence[Path]) -> Iterator[Path]:
    """Those that lie in no other one, each once."""
    for path in dict.fromkeys(paths):
        if not any(path != other and path.is_relative_to(other) for other in paths):
            yield path


def _check_reachable(path: Path, bound: Sequence[Path]) -> None:
    """See to it that another user may read this, through its folders up to a bound one."""
    if _is_in(path, _TEMPORARY) or _is_in(path.resolve(), _TEMPORARY):
        raise ServiceError(
            f"{path} staat in een tijdelijke map: zet Spiertolk eerst op een vaste plek, zoals "
            "/opt/spiertolk."
        )
    for way in (path.absolute(), path.resolve()):
        for place in (way, *way.parents):
            _check_readable(place, stat.S_IXOTH)
            if place in bound:
                break


def _read(found: Mapping[str, Path]) -> Iterator[Path]:
    """What is read of these files and folders: a pack may hold private things beside it."""
    for name, path in found.items():
        parts = ("intents", "responses", "pack.toml") if name == "content" else (".",)
        yield from filter(Path.exists, map(path.joinpath, parts))


def _check_all_of(path: Path) -> None:
    """See to it that another user may read a file, or all that a folder holds but hidden things."""
    for place in (path, *path.rglob("*")):
        hidden = any(part.startswith(".") for part in place.relative_to(path).parts)
        if not hidden and place.exists():  # a link may lead nowhere
            _check_readable(place, stat.S_IXOTH | stat.S_IROTH)


def _check_readable(place: Path, of_folder: int) -> None:
    """Refuse a file that others may not read, or a folder without these rights for them."""
    try:
        mode = place.stat().st_mode
    except OSError as error:
        raise ServiceError(f"Ik kan {place} niet vinden; controleer de naam.") from error
    wanted = of_folder if stat.S_ISDIR(mode) else stat.S_IROTH
    if mode & wanted != wanted:
        raise ServiceError(
            f"Een dienst mag {place} niet lezen: zet dit op een plek die iedereen mag lezen, "
            "zoals in /opt/spiertolk, of geef leesrechten met chmod -R a+rX."
        )


def _in_command(text: str) -> str:
    """One argument of ``ExecStart``, in which ``$`` and ``%`` have a meaning of their own."""
    return _quoted(text).replace("$", "$$")


def _quoted(text: str) -> str:
    """One word of a unit: systemd.syntax(7)."""
    if not text.isprintable():
        raise ServiceError("Een van de opties bevat een onzichtbaar teken; haal dat weg.")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return escaped if _PLAIN.fullmatch(escaped) else f'"{escaped}"'


def _is_this_machine(root: Path) -> bool:
    return root.resolve() == Path("/")


def _need_systemd(root: Path) -> None:
    if shutil.which("systemctl") and (_BOOTED.is_dir() or not _is_this_machine(root)):
        return
    raise ServiceError(
        "Deze computer werkt niet met systemd: gebruik --print, en geef die tekst aan uw beheerder."
    )


def _systemctl(*arguments: str) -> str:
    """Ask systemd something; gives its answer."""
    command = [shutil.which("systemctl") or "systemctl", *arguments]
    try:
        done = subprocess.run(  # noqa: S603  # no shell, and arguments of our own
            command, capture_output=True, text=True, timeout=_ANSWER_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ServiceError(
            f"'systemctl {' '.join(arguments)}' lukte niet: probeer het met sudo, of vraag uw "
            "beheerder."
        ) from error
    return done.stdout


def _forbidden(path: Path) -> ServiceError:
    return ServiceError(f"Ik mag {path} niet veranderen: zet er sudo voor.")
