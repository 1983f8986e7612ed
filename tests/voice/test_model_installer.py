"""Installing models over a real connection that breaks, from archives that lie, onto bad disks."""

import fcntl
import io
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from http.client import HTTPMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import SpeechModelError
from tests.fuzzing import tried
from tests.voice.model_server import ModelServer, serving
from tests.voice.without_root import not_as_root
from voice import model_archive, speech_model
from voice.model_archive import unpack
from voice.model_download import Downloading, Patience, _SafeRedirects, download
from voice.model_installer import KNOWN_MODELS, Installed, Proving, Step, install, list_models
from voice.model_manifest import MANIFEST, sha256_of
from voice.speech_model import EMBEDDED, find_model

NAME = "vosk-model-nl-proef"
HURRY = Patience(timeout=0.5, pauses=(0.01, 0.01))


@pytest.fixture(autouse=True)
def _hermetic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_model, "SYSTEM_DIRECTORY", tmp_path / "usr-share-vosk")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded model as the official site would pack it: one folder, without our manifest."""
    path = tmp_path_factory.mktemp("archive") / f"{NAME}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for file in sorted(EMBEDDED.rglob("*")):
            if file.is_file() and file.name != MANIFEST:
                packed.write(file, Path(NAME) / file.relative_to(EMBEDDED))
    return path


def run(
    source: str | Path, home: Path, sha256: str | None = None, patience: Patience = HURRY
) -> tuple[Installed, list[Step]]:
    steps = list(install(str(source), {"HOME": str(home)}, sha256, patience))
    assert isinstance(steps[-1], Installed)
    return steps[-1], steps


def complaint(source: str | Path, home: Path, sha256: str | None = None) -> str:
    """The sentence that a failed installation gives; it leaves no half model behind."""
    with pytest.raises(SpeechModelError) as caught:
        run(source, home, sha256)
    assert not visible(home)
    assert not list(models(home).glob(".spiertolk-*/"))
    sentence = str(caught.value)
    assert sentence.isprintable()
    assert sentence.endswith((".", "?"))
    return sentence


def models(home: Path) -> Path:
    return home / ".cache" / "vosk"


def visible(home: Path) -> list[Path]:
    """What Vosk and other programs see in the directory of models."""
    return [path for path in models(home).glob("*") if not path.name.startswith(".")]


def packed(path: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


# A zip file


def test_a_zip_file_is_installed_proved_and_found(archive: Path, tmp_path: Path) -> None:
    installed, steps = run(archive, tmp_path)
    assert installed == Installed(
        models(tmp_path) / NAME, NAME, sha256_of(archive), was_there=False, found_by_itself=True
    )
    assert Proving(NAME) in steps
    found = find_model(None, {"HOME": str(tmp_path)})
    assert found.path == installed.path
    assert (found.path / MANIFEST).is_file()  # so the next start needs no proof
    assert stat.S_IMODE(found.path.stat().st_mode) & 0o700 == 0o700
    assert visible(tmp_path) == [installed.path]


def test_a_model_at_the_root_of_the_zip_is_named_after_it(tmp_path: Path) -> None:
    entries = {
        file.relative_to(EMBEDDED).as_posix(): file.read_bytes()
        for file in EMBEDDED.rglob("*")
        if file.is_file()
    }
    path = tmp_path / "eigen model (1).zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    installed, _ = run(path, tmp_path)
    assert installed.name == "eigen-model-1"
    assert not installed.found_by_itself
    assert find_model(Path("eigen-model-1"), {"HOME": str(tmp_path)}).path == installed.path


def test_a_zip_file_replaces_what_was_there(archive: Path, tmp_path: Path) -> None:
    old = models(tmp_path) / NAME
    old.mkdir(parents=True)
    (old / "oud").touch()
    run(archive, tmp_path)
    assert not (old / "oud").exists()
    assert find_model(None, {"HOME": str(tmp_path)}).source == "vosk"


def test_left_overs_of_a_killed_run_are_cleaned_up(archive: Path, tmp_path: Path) -> None:
    left_over = models(tmp_path) / ".spiertolk-gestopt" / "new"
    left_over.mkdir(parents=True)
    run(archive, tmp_path)
    assert not left_over.parent.exists()


def test_one_installation_at_a_time(archive: Path, tmp_path: Path) -> None:
    models(tmp_path).mkdir(parents=True)
    with (models(tmp_path) / ".spiertolk-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "Er wordt al een model" in complaint(archive, tmp_path)
    run(archive, tmp_path)


def test_a_checksum_that_is_given_must_fit(archive: Path, tmp_path: Path) -> None:
    assert "controlesom" in complaint(archive, tmp_path, "0" * 64)
    assert archive.exists()
    assert "64 cijfers" in complaint(archive, tmp_path, "abc")
    run(archive, tmp_path, sha256_of(archive).upper())


@pytest.mark.parametrize("source", ["vosk-model-nl-bestaat-niet", "weg.zip", "", ".", "a\0b"])
def test_what_is_no_model_at_all(source: str, tmp_path: Path) -> None:
    assert "Ik ken geen model" in complaint(source, tmp_path)


def test_a_damaged_model_in_a_whole_archive_is_not_installed(tmp_path: Path) -> None:
    broken = {f"{NAME}/am/final.mdl": b"\0B", f"{NAME}/conf/mfcc.conf": b"", f"{NAME}/README": b""}
    assert "beschadigd" in complaint(packed(tmp_path / "x.zip", broken), tmp_path)


def test_a_manifest_in_the_archive_must_fit(archive: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(archive, tmp_path / "met-lijst.zip"))
    with zipfile.ZipFile(copy, "a") as opened:
        opened.writestr(f"{NAME}/{MANIFEST}", "0" * 64 + "  am/final.mdl\n")
    assert "beschadigd" in complaint(copy, tmp_path)


# Archives that lie


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "entries",
    [
        ["../buiten"],
        [f"{NAME}/../../buiten"],
        ["/tmp/buiten"],  # noqa: S108  # an attack, not a file we make
        ["C:\\buiten"],
        ["a\\..\\buiten"],
        ["a\x01b"],
        ["a", "a/b"],
        ["a" * 201],
        [link(f"{NAME}/am")],
    ],
)
def test_an_archive_that_reaches_outside_is_refused(
    entries: list[str | zipfile.ZipInfo], tmp_path: Path
) -> None:
    path = tmp_path / "slecht.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for entry in entries:
            archive.writestr(entry, b"/etc")
    assert "niet veilig" in complaint(path, tmp_path)
    assert not list(tmp_path.rglob("buiten"))


def test_bombs_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    large = packed(tmp_path / "groot.zip", {"nullen": bytes(40 * 2**20)})
    assert "zipbom" in complaint(large, tmp_path)
    many = packed(tmp_path / "veel.zip", {str(number): b"" for number in range(1001)})
    assert "zipbom" in complaint(many, tmp_path)


def test_an_archive_that_needs_more_than_the_disk_has(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_archive, "MAX_BYTES", 2**62)
    monkeypatch.setattr(model_archive, "MAX_RATIO", 2**40)
    content = bytearray(archive.read_bytes())
    directory = content.rfind(b"PK\x01\x02")
    content[directory + 24 : directory + 28] = (2**32 - 2).to_bytes(4, "little")  # size, a lie
    liar = tmp_path / "leugen.zip"
    liar.write_bytes(content)
    free = shutil.disk_usage(tmp_path).free
    expected = "te weinig ruimte" if free < 2**32 else "beschadigd"
    assert expected in complaint(liar, tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK", b"<html>Log in op het wifi-netwerk</html>"])
def test_something_else_than_a_zip_file(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    assert "geen zipbestand" in complaint(path, tmp_path)


def test_a_flipped_bit_in_the_contents_is_noticed(archive: Path, tmp_path: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 0xFF  # all bits: a single one may be padding
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    assert "beschadigd" in complaint(path, tmp_path)


def test_an_archive_without_a_model(tmp_path: Path) -> None:
    assert "geen spraakmodel" in complaint(packed(tmp_path / "x.zip", {"a/b": b""}), tmp_path)
    assert "geen spraakmodel" in complaint(packed(tmp_path / "x.zip", {}), tmp_path)


SMALL_ZIP = io.BytesIO()
with zipfile.ZipFile(SMALL_ZIP, "w", zipfile.ZIP_DEFLATED) as _archive:
    _archive.writestr("model/am/final.mdl", b"gewichten" * 20)
    _archive.writestr("model/conf/", b"")
    _archive.writestr("model/conf/mfcc.conf", b"--num-ceps=40\n")


@pytest.mark.fuzz
@tried(200)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(SMALL_ZIP.getvalue()) - 1), st.integers(0, 255)), max_size=8
    ),
    length=st.integers(0, len(SMALL_ZIP.getvalue())) | st.none(),
    tail=st.binary(max_size=30),
)
def test_no_archive_makes_anything_but_files_below_the_target(
    changes: list[tuple[int, int]], length: int | None, tail: bytes
) -> None:
    content = bytearray(SMALL_ZIP.getvalue())
    for place, value in changes:
        content[place] = value
    with tempfile.TemporaryDirectory() as directory:
        path, target = Path(directory, "x.zip"), Path(directory, "new")
        path.write_bytes(bytes(content[:length]) + tail)
        try:
            for step in unpack(path, target, "x.zip"):
                assert 0 <= step.done <= step.total
        except SpeechModelError:
            pass
        assert {entry.name for entry in Path(directory).iterdir()} <= {"x.zip", "new"}
        assert all(
            stat.S_IFMT(entry.lstat().st_mode) in {stat.S_IFREG, stat.S_IFDIR}
            for entry in target.rglob("*")
        )


# Connections that break


def test_a_broken_download_goes_on_where_it_was(archive: Path, tmp_path: Path) -> None:
    content = archive.read_bytes()
    with serving(ModelServer(content, stop_after=[3_000_000, 5_000_000])) as server:
        installed, steps = run(f"{server.url}{NAME}.zip", tmp_path)
        assert server.asked == [None, "bytes=3000000-", "bytes=8000000-"]
        again, _ = run(f"{server.url}{NAME}.zip", tmp_path)
    received = [step.received for step in steps if isinstance(step, Downloading)]
    assert received == sorted(received)
    assert received[-1] == len(content)
    assert installed.sha256 == sha256_of(archive)
    assert again.was_there
    assert len(server.asked) == 3
    assert [path.name for path in models(tmp_path).iterdir() if path.is_file()] == [
        ".spiertolk-lock"
    ]


def test_a_later_run_goes_on_with_what_an_earlier_one_fetched(
    archive: Path, tmp_path: Path
) -> None:
    with serving(ModelServer(archive.read_bytes())) as server:
        steps = install(f"{server.url}{NAME}.zip", {"HOME": str(tmp_path)}, patience=HURRY)
        first = next(steps)
        assert isinstance(first, Downloading)
        steps.close()  # what Ctrl-C comes down to
        assert not visible(tmp_path)
        run(f"{server.url}{NAME}.zip", tmp_path)
        assert server.asked == [None, f"bytes={first.received}-"]


def test_ctrl_c_leaves_a_part_and_nothing_half_installed(archive: Path, tmp_path: Path) -> None:
    program = (
        "import signal, sys\n"
        "from voice.model_installer import install\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "for step in install(sys.argv[1], {'HOME': sys.argv[2]}):\n"
        "    print(step, flush=True)\n"
    )
    with serving(ModelServer(archive.read_bytes(), seconds_per_block=0.2)) as server:
        command = [sys.executable, "-c", program, f"{server.url}{NAME}.zip", str(tmp_path)]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            assert process.stdout
            process.stdout.readline()
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == -signal.SIGINT
        assert not visible(tmp_path)
        server.seconds_per_block = 0
        run(f"{server.url}{NAME}.zip", tmp_path)
        assert server.asked[1] is not None


@pytest.mark.fuzz
@tried(40)
@given(
    size=st.integers(0, 400_000),
    breaks=st.lists(st.integers(0, 300_000), max_size=2),
    ranges=st.booleans(),
    etag=st.sampled_from([None, '"a"', 'W/"a"']),
    last_modified=st.sampled_from([None, "Mon, 23 Nov 2026 01:00:00 GMT"]),
)
def test_however_it_breaks_the_file_is_the_right_one(
    size: int, breaks: list[int], ranges: bool, etag: str | None, last_modified: str | None
) -> None:
    content = bytes(number % 251 for number in range(size))
    plan = ModelServer(
        content, etag=etag, last_modified=last_modified, ranges=ranges, stop_after=breaks
    )
    with tempfile.TemporaryDirectory() as directory, serving(plan) as server:
        part = Path(directory, "x.part")
        for step in download(f"{server.url}x", part, HURRY):
            assert step.received <= size
        assert part.read_bytes() == content


def test_a_file_that_changes_on_the_server_is_fetched_afresh(tmp_path: Path) -> None:
    part = tmp_path / "x.part"
    with serving(ModelServer(b"a" * 500_000, stop_after=[300_000] * 3)) as server:
        with pytest.raises(SpeechModelError, match="ik ga dan verder waar ik was"):
            list(download(f"{server.url}x", part, Patience(0.5, ())))
        assert part.stat().st_size == 300_000
        server.content, server.etag, server.stop_after = b"b" * 400_000, '"twee"', []
        list(download(f"{server.url}x", part, HURRY))
    assert part.read_bytes() == b"b" * 400_000


def test_a_shorter_file_on_the_server_is_fetched_afresh(tmp_path: Path) -> None:
    part = tmp_path / "x.part"
    with serving(ModelServer(b"a" * 500_000, stop_after=[300_000])) as server:
        with pytest.raises(SpeechModelError):
            list(download(f"{server.url}x", part, Patience(0.5, ())))
        server.content = b"a" * 100  # the same ETag: the server answers 416
        list(download(f"{server.url}x", part, HURRY))
    assert part.read_bytes() == b"a" * 100


def test_a_busy_server_is_asked_again(tmp_path: Path) -> None:
    with serving(ModelServer(b"model", statuses=[503, 429])) as server:
        list(download(f"{server.url}x", tmp_path / "x.part", HURRY))
    assert (tmp_path / "x.part").read_bytes() == b"model"


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (ModelServer(b"", statuses=[404] * 9), "fout 404"),
        (ModelServer(b"", statuses=[500] * 9), "lukt niet"),
        (ModelServer(b"x" * 9, stop_after=[1] * 9), "brak af"),
        (ModelServer(b"<html>", length=False), "geen zipbestand"),
        (ModelServer(b"x" * 400_000, stop_after=[200_000] * 9, wrong_range=True), "ander stuk"),
        (ModelServer(b"x" * 9, seconds_before_body=5), "komt niets meer"),
    ],
)
def test_a_server_that_never_gives_the_model(
    plan: ModelServer, expected: str, tmp_path: Path
) -> None:
    with serving(plan) as server:
        assert expected in complaint(f"{server.url}{NAME}.zip", tmp_path)
    assert len(server.asked) <= 4


def test_what_was_whole_but_wrong_is_not_kept(archive: Path, tmp_path: Path) -> None:
    with serving(ModelServer(archive.read_bytes())) as server:
        assert "controlesom" in complaint(f"{server.url}{NAME}.zip", tmp_path, "0" * 64)
        # A known name is pinned to the official bytes, whatever server it comes from.
        mirror = f"{server.url}{KNOWN_MODELS[0].name}.zip"
        assert "controlesom" in complaint(mirror, tmp_path)
    assert not list(models(tmp_path).glob("*.part*"))


def test_offline_and_wrong_addresses(tmp_path: Path) -> None:
    assert "niet vinden" in complaint("https://bestaat-niet.invalid/m.zip", tmp_path)
    assert "geen verbinding" in complaint("http://127.0.0.1:1/m.zip", tmp_path)
    assert "niet veilig" in complaint("http://example.org/m.zip", tmp_path)
    for wrong in ("ftp://example.org/m.zip", "file:///etc/passwd", "https://", "https://[/m.zip"):
        assert "klopt niet" in complaint(wrong, tmp_path)
    with serving(ModelServer(b"")) as server:
        assert "geen verbinding" in complaint(f"https{server.url[4:]}m.zip", tmp_path)
        assert "klopt niet" in complaint(f"{server.url}een map/m.zip", tmp_path)


def test_no_redirect_leads_away_from_encryption() -> None:
    request = urllib.request.Request("https://a.example/m.zip")

    def redirect(url: str) -> object:
        return _SafeRedirects().redirect_request(request, io.BytesIO(), 302, "", HTTPMessage(), url)

    assert redirect("https://b.example/m.zip") is not None
    for unsafe in ("http://b.example/m.zip", "ftp://b.example/m.zip"):
        with pytest.raises(SpeechModelError, match="onbeveiligd"):
            redirect(unsafe)


# Disks


def test_a_full_disk(archive: Path, tmp_path: Path) -> None:
    models(tmp_path).mkdir(parents=True)
    (models(tmp_path) / f".spiertolk-{NAME}.zip.part").symlink_to("/dev/full")
    with serving(ModelServer(archive.read_bytes())) as server:
        assert "is vol" in complaint(f"{server.url}{NAME}.zip", tmp_path)


def test_no_permission_to_write() -> None:
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o555)
        with not_as_root(), pytest.raises(SpeechModelError, match="Ik mag niet schrijven"):
            list(install("https://a.invalid/m.zip", {"XDG_CACHE_HOME": directory}))


def test_a_service_without_home_is_told_what_to_set(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(SpeechModelError, match="XDG_CACHE_HOME"):
        list(install(str(archive), {}))
    list(install(str(archive), {"XDG_CACHE_HOME": str(tmp_path)}))
    assert find_model(None, {"XDG_CACHE_HOME": str(tmp_path)}).source == "vosk"


# The list


def test_the_list_shows_what_is_there_and_what_could_be(archive: Path, tmp_path: Path) -> None:
    listed = list_models({"HOME": str(tmp_path)})
    assert [(model.name, model.state) for model in listed] == [
        (EMBEDDED.name, "embedded"),
        ("vosk-model-small-nl-0.22", "available"),
        ("vosk-model-nl-spraakherkenning-0.6-lgraph", "available"),
    ]
    assert "NC-SA" in listed[2].licence
    run(archive, tmp_path)
    damaged = models(tmp_path) / KNOWN_MODELS[0].name
    shutil.copytree(EMBEDDED, damaged)
    (damaged / "am" / "final.mdl").write_bytes(b"")
    environment = {"HOME": str(tmp_path), "VOSK_MODEL_PATH": str(EMBEDDED.parent)}
    states = {model.name: model for model in list_models(environment)}
    assert len(states) == len(list_models(environment)) == 4
    assert states[NAME].state == "installed"
    assert states[NAME].problem is None
    assert states[NAME].size > 16_000_000
    assert "beschadigd" in (states[KNOWN_MODELS[0].name].problem or "")
    assert "Apache" in states[KNOWN_MODELS[0].name].licence
