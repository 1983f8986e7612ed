"""The service: the unit that is written, judged by systemd's own tools, and who may install it."""

import os
import pwd
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import main as program
from console import service
from console.watchdog import DEAF
from errors import ServiceError
from tests.program import ROOT, run
from voice.speech_model import EMBEDDED

MOST_EXPOSED = 10  # tenths: systemd calls all below 2.0 "OK" and below 1.0 "SAFE"

with_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="UNIT NOT JUDGED: no systemd here"
)
in_a_fixed_place = pytest.mark.skipif(
    any(ROOT.is_relative_to(place) for place in ("/tmp", "/var/tmp")),  # noqa: S108  # named only
    reason="NO UNIT: this copy lies in a temporary folder",
)
not_booted = pytest.mark.skipif(
    service._BOOTED.exists(), reason="SERVICE NOT TRIED: systemd runs this machine"
)
pytestmark = in_a_fixed_place


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert program.main(["service", "install", "--print", *arguments]) == 0
    return capsys.readouterr().out


def line(unit: str, key: str) -> str:
    """The value of a key that is there once."""
    (found,) = re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)
    return str(found)


def judged(unit: str, folder: Path, *question: str) -> subprocess.CompletedProcess[str]:
    path = folder / service.NAME
    path.write_text(unit)
    return subprocess.run(
        ["systemd-analyze", *question, str(path)], capture_output=True, text=True, check=False
    )


@with_systemd
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--keep-counts", "--profile", "home", "--wake-phrase", "goedendag dokter"),
        ("--microphone", "USB \"x\" 100% $HOME \\ 'y'", "--loudspeaker", "a;b"),
    ],
)
def test_systemd_finds_nothing_wrong_with_the_unit(
    options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = judged(printed(capsys, *options), tmp_path, "verify", "--man=no")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@with_systemd
def test_systemd_calls_it_safe(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit = printed(capsys)
    done = judged(unit, tmp_path, "security", "--offline=true", f"--threshold={MOST_EXPOSED}")
    if "unrecognized option" in done.stderr:
        pytest.skip("UNIT NOT JUDGED: this systemd can't do so offline")
    assert done.returncode == 0, done.stdout
    exposed = unit.replace("PrivateNetwork=yes", "PrivateNetwork=no")
    exposed = exposed.replace("NoNewPrivileges=yes", "").replace("ProtectSystem=strict", "")
    exposed = exposed.replace("DynamicUser=yes", "").replace("CapabilityBoundingSet=", "#")
    worse = judged(exposed, tmp_path, "security", "--offline=true", f"--threshold={MOST_EXPOSED}")
    assert worse.returncode != 0


def test_the_unit_promises_what_the_program_keeps(capsys: pytest.CaptureFixture[str]) -> None:
    unit = printed(capsys)
    assert line(unit, "Type") == "notify"
    assert float(line(unit, "WatchdogSec")) == 60
    assert line(unit, "Restart") == "always"
    assert line(unit, "PrivateNetwork") == "yes"
    assert line(unit, "RestrictAddressFamilies") == "AF_UNIX"
    assert line(unit, "DynamicUser") == "yes"
    assert line(unit, "ProtectSystem") == "strict"
    assert line(unit, "DevicePolicy") == "closed"
    assert line(unit, "DeviceAllow") == "char-alsa rw"
    assert line(unit, "StandardOutput") == "null"
    assert line(unit, "LimitCORE") == "0"
    assert "--quiet" in line(unit, "ExecStart").split()
    assert "--keep-counts" not in unit


def test_the_service_listens_as_it_was_asked_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--keep-counts", "--listen", "key", "--microphone", "Jabra 510 100%")
    command = line(printed(capsys, *options), "ExecStart")
    assert command.startswith(f"{sys.executable} {ROOT / 'main.py'} listen ")
    assert command.endswith('--microphone "Jabra 510 100%%" --listen key --keep-counts')
    settings = tmp_path / "settings.toml"
    settings.write_text("profile = 'home'\n")
    assert program.main(["--settings", str(settings), "service", "install", "--print"]) == 2
    assert "tijdelijke map" in capsys.readouterr().err  # pytest's, which the service can't see


def test_what_lies_in_a_home_is_shown_to_the_service_and_nothing_else_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(service, "_TEMPORARY", ())
    monkeypatch.setattr(service, "_HOMES", (*service._HOMES, tmp_path))
    settings = tmp_path / "een map" / "settings.toml"
    settings.parent.mkdir()
    settings.write_text("profile = 'home'\n")
    unit = printed(capsys, "--settings", str(settings))
    assert line(unit, "ProtectHome") == "tmpfs"
    bound = line(unit, "BindReadOnlyPaths")
    assert bound.endswith(f'"{settings}"')  # beside a Python that somebody keeps at home
    assert f'"{tmp_path}"' not in bound
    assert f'--settings "{settings}"' in line(unit, "ExecStart")


def test_a_program_that_others_may_not_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(service, "_TEMPORARY", ())
    secret = tmp_path / "secret"
    secret.mkdir(mode=0o700)
    (secret / "settings.toml").touch()
    command = ["--settings", str(secret / "settings.toml"), "service", "install", "--print"]
    assert program.main(command) == 2
    assert "/secret niet lezen" in capsys.readouterr().err


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of whoever typed ``sudo``."""
    monkeypatch.setattr(service, "_TEMPORARY", ())
    monkeypatch.setattr(service, "_HOMES", (*service._HOMES, tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(
        pwd, "getpwnam", {"anna": SimpleNamespace(pw_dir=str(tmp_path))}.__getitem__
    )
    monkeypatch.setenv("SUDO_USER", "anna")
    monkeypatch.setenv("HOME", str(tmp_path / "root"))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_what_somebody_installed_is_used_though_sudo_installs_the_service(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = home / ".config" / "spiertolk" / "settings.toml"
    model = home / ".cache" / "vosk" / "vosk-model-small-nl-0.22"
    settings.parent.mkdir(parents=True)
    settings.write_text("profile = 'home'\n")
    shutil.copytree(EMBEDDED, model)
    assert program.main(["service", "install", "--print"]) == 0
    told = capsys.readouterr()
    assert f"spraakmodel {model}, instellingen {settings}." in told.err
    command = line(told.out, "ExecStart").split()
    assert command[command.index("--settings") + 1] == str(settings)
    assert command[command.index("--model") + 1] == str(model)


def test_a_user_who_is_gone_or_has_nothing_leaves_what_root_has(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = home / "root" / ".config" / "spiertolk" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.touch()
    for user in ("anna", "gone"):
        monkeypatch.setenv("SUDO_USER", user)
        assert program.main(["service", "install", "--print"]) == 0
        assert f"dat erbij zit, instellingen {settings}." in capsys.readouterr().err


@pytest.mark.parametrize("private", ["responses/topics/hik.toml", "intents"])
def test_a_pack_of_which_a_part_may_not_be_read_is_named(
    home: Path, private: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("intents", "responses"):
        (home / "pakket" / folder / "topics").mkdir(parents=True)
        (home / "pakket" / folder / "topics" / "hik.toml").touch()
    (home / "pakket" / "namen.txt").touch(mode=0o600)
    (home / "pakket" / "intents" / "topics" / ".#hik.toml").symlink_to("somebody@somewhere")
    install = ["--content", str(home / "pakket"), "service", "install", "--print"]
    assert program.main(install) == 0
    capsys.readouterr()
    (home / "pakket" / private).chmod(0o700)
    assert program.main(install) == 2
    assert f"mag {home}/pakket/{private} niet lezen" in capsys.readouterr().err


def test_libraries_that_others_may_not_read_are_named(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As root's umask of 077 leaves them."""
    packages = home / "venv" / "lib" / "site-packages"
    (packages / "vosk").mkdir(parents=True)
    (packages / "vosk").chmod(0o700)
    monkeypatch.setattr(sys, "prefix", str(home / "venv"))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(packages))
    assert program.main(["service", "install", "--print"]) == 2
    assert f"mag {packages}/vosk niet lezen" in capsys.readouterr().err


def test_an_option_can_not_smuggle_a_line_into_the_unit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["service", "install", "--print", "--microphone", "x\nExecStartPre=/bin/false"]
    assert program.main(command) == 2
    assert "onzichtbaar teken" in capsys.readouterr().err


@with_systemd
def test_it_is_installed_into_a_system_that_does_not_run_and_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = ("--root", str(tmp_path))
    assert program.main(["service", "install", *root]) == 0
    unit = tmp_path / "etc" / "systemd" / "system" / service.NAME
    wanted = unit.parent / "multi-user.target.wants" / service.NAME
    assert str(unit) in capsys.readouterr().out
    assert unit.read_text() == printed(capsys).rstrip("\n") + "\n"
    assert wanted.is_symlink()
    assert program.main(["service", "remove", *root]) == 0
    assert not unit.exists()
    assert not wanted.is_symlink()
    assert program.main(["service", "remove", *root]) == 2
    assert "niets weg te halen" in capsys.readouterr().err


@not_booted
def test_a_machine_without_systemd_is_told_what_it_can_do() -> None:
    done = run("service", "install")
    assert done.returncode == 2
    assert "--print" in done.stderr
    done = run("service", "show")
    assert done.returncode == 2
    assert "service install" in done.stderr
    assert service.state() is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_who_may_not_install_is_told_of_sudo() -> None:
    with pytest.raises(ServiceError, match="sudo"):
        service.install("", Path("/proc"))


@pytest.mark.parametrize(
    ("state", "well", "said"),
    [
        ({"ActiveState": "active", "StatusText": "Luistert; 3.", "NRestarts": "0"}, True, "Luis"),
        ({"ActiveState": "active", "StatusText": "", "NRestarts": "2"}, True, "2 keer vanzelf"),
        ({"ActiveState": "active", "StatusText": f"{DEAF}; 3.", "NRestarts": "0"}, False, DEAF),
        ({"ActiveState": "activating", "NRestarts": "0"}, False, "start; wacht"),
        ({"ActiveState": "failed", "NRestarts": "0"}, False, "journalctl -u spiertolk"),
    ],
)
def test_how_it_does_is_one_sentence(state: dict[str, str], well: bool, said: str) -> None:
    assert service.is_well(state) is well
    assert said in service.sentence(state)
