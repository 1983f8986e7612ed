"""``setup.sh`` on machines that are not like this one: all that it calls is a stand-in."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.program import ROOT

TOOLS = (
    "bash", "cat", "cp", "dirname", "basename", "env", "grep", "mkdir", "readlink", "rm", "sed",
    "sha256sum", "touch", "tr",
)  # fmt: skip
PYTHON = """
case "$*" in
  --version) echo "Python 3.12.1" ;;
  *ensurepip*) [ ! -e no_ensurepip ] ;;
  *"import pip"*) [ -e "${0%/bin/*}/pip" ] ;;
  "-m venv .venv")
    [ ! -e no_rights ] || { echo "PermissionError" >&2; exit 1; }
    mkdir -p .venv/bin && cp "$0" .venv/bin/python && touch .venv/pip .venv/pyvenv.cfg ;;
esac
"""
DPKG = """
[[ " $(cat packages) " != *" ${!#} "* ]] || echo "install ok installed"
"""
APT = """
[[ "$*" == *install* ]] || exit 0
[[ " $(cat virtual 2>/dev/null) " != *" ${!#} "* ]] || { echo "Inst ${!#}-browser (1)"; exit; }
if [ -e driven_out ]; then
  [[ "$*" != *--no-remove* ]] || exit 100
  echo "Remv pipewire-alsa [1.0]"; echo "Remv gnome-core [43]"
fi
echo "Inst ${!#} (1)"
[[ "$*" == *-s* ]] || echo " ${!#}" >>packages
"""
STUBS = {"python3.12": PYTHON, "dpkg-query": DPKG, "apt-get": APT, "id": "echo 0", "ldconfig": ""}
FOR_A_RUN = "libportaudio2 libasound2-plugins"
FOR_TESTS = f"{FOR_A_RUN} pulseaudio-utils espeak-ng strace"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder with a copy of the script, and the programs that this machine has in ``bin/``."""
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    for name, body in STUBS.items():
        give(tmp_path, name, body)
    for file in ("setup.sh", "requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / file, tmp_path)
    (tmp_path / "packages").write_text(FOR_TESTS)
    return tmp_path


def give(machine: Path, name: str, body: str = "") -> None:
    """A program, whose calls are logged."""
    path = machine / "bin" / name
    path.write_text(f'#!{shutil.which("bash")}\necho "{name} $*" >>calls\n{body}\n')
    path.chmod(0o755)


def set_up(machine: Path, purpose: str = "run") -> subprocess.CompletedProcess[str]:
    (machine / "calls").write_text("")
    return subprocess.run(
        [str(machine / "setup.sh"), purpose],
        env={"PATH": str(machine / "bin"), "HOME": os.devnull},
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def calls(machine: Path, *words: str) -> list[str]:
    """The calls in which all of these words stand."""
    lines = (machine / "calls").read_text().splitlines()
    return [line for line in lines if all(word in line for word in words)]


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one Dutch sentence with which it stopped."""
    assert done.returncode == 2
    assert done.stderr.startswith("Spiertolk: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_second_call_installs_nothing(machine: Path) -> None:
    for expected in (1, 0):
        assert set_up(machine).returncode == 0
        assert len(calls(machine, "-m venv")) == expected
        assert len(calls(machine, "pip install")) == expected
    assert not calls(machine, "apt-get")


@pytest.mark.parametrize("lacks", ["pip", "pyvenv.cfg"])
def test_an_environment_that_was_cut_off_is_made_anew(machine: Path, lacks: str) -> None:
    """Without ``pyvenv.cfg`` its Python is the machine's own, and so is its pip."""
    assert set_up(machine).returncode == 0
    (machine / ".venv" / lacks).unlink()
    assert set_up(machine).returncode == 0
    assert len(calls(machine, "-m venv")) == 1
    assert (machine / ".venv" / lacks).exists()


def test_an_environment_that_can_not_be_made_is_told_in_a_sentence(machine: Path) -> None:
    (machine / "no_rights").touch()
    assert f"{machine}/.venv" in sentence(set_up(machine))


def test_what_makes_an_environment_is_only_asked_for_where_one_must_be_made(
    machine: Path,
) -> None:
    assert set_up(machine).returncode == 0
    (machine / "no_ensurepip").touch()
    assert set_up(machine).returncode == 0
    assert not calls(machine, "apt-get")
    shutil.rmtree(machine / ".venv")
    assert "ensurepip" in sentence(set_up(machine))
    assert calls(machine, "apt-get", "install", "--no-remove", "python3.12-venv")


def test_no_package_is_driven_out(machine: Path) -> None:
    (machine / "packages").write_text("")
    (machine / "driven_out").touch()
    told = sentence(set_up(machine))
    assert "verdwijnen andere pakketten: pipewire-alsa gnome-core;" in told
    assert all("--no-remove" in call or "-s" in call for call in calls(machine, "install"))


def test_tests_go_on_without_what_would_drive_packages_out_or_is_not_there(machine: Path) -> None:
    (machine / "driven_out").touch()
    (machine / "virtual").write_text("chromium")
    for _ in range(2):
        done = set_up(machine, "test")
        assert done.returncode == 0
        assert "zonder pulseaudio" in done.stderr
        assert "zonder chromium" in done.stderr
        assert not [call for call in calls(machine, "apt-get") if " -s " not in call]
    (machine / "driven_out").unlink()
    give(machine, "chromium-browser")  # Ubuntu's, from a snap
    done = set_up(machine, "test")
    assert (done.returncode, done.stderr) == (0, "")
    assert calls(machine, "apt-get", "-y", "pulseaudio")
    assert not calls(machine, "apt-get", "chromium")


def test_a_machine_without_dpkg_is_warned_and_set_up(machine: Path) -> None:
    for name in ("dpkg-query", "apt-get"):
        (machine / "bin" / name).unlink()
    done = set_up(machine)
    assert done.returncode == 0
    assert "PortAudio" in done.stderr
    give(machine, "ldconfig", "echo ' libportaudio.so.2 (libc6) => /lib64/libportaudio.so.2'")
    assert (set_up(machine).stderr, calls(machine, "pip install")) == ("", [])
