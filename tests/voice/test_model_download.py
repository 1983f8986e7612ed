"""Servers that answer anything at all, and what an earlier run may have left behind."""

import json
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from errors import SpeechModelError
from tests.fuzzing import or_one_sentence, tried
from tests.voice.model_server import ModelServer, serving
from voice.model_download import Patience, download

ONCE = Patience(timeout=2.0, pauses=())
CONTENT = bytes(range(251)) * 40


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A server that says this to whoever comes, whatever was asked, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:  # closed: the test is over
                    return
                with client:
                    try:
                        client.recv(65_536)
                        client.sendall(answer)
                        client.shutdown(socket.SHUT_WR)
                        client.recv(1)  # until the other side has read all of it
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/m.zip"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)


STATUSES = st.sampled_from(
    [b"200 OK", b"206 Partial", b"302 Found", b"404 x", b"416 x", b"\xff", b""]
)
LENGTHS = [b"5", b"999999", b"-1", b"x", b"9" * 5_000]
RANGES = [b"0-4/5", b"0-", b"0-4/" + b"9" * 5_000, b"*/*"]
PLACES = [b"ftp://x/", b"http://[", b"/m.zip", b""]
HEADERS = st.sampled_from(
    [
        *(b"Content-Length: " + length for length in LENGTHS),
        *(b"Content-Range: bytes " + span for span in RANGES),
        *(b"Location: " + place for place in PLACES),
        *(b"Transfer-Encoding: chunked", b"Content-Encoding: gzip"),
        *(b'ETag: "x"', b"ETag: \xe9\xff", b"Last-Modified: " + b"x" * 70_000),
        *(b": ", b"\0: x"),
    ]
)
ANSWERS = st.builds(
    lambda status, headers, body: b"\r\n".join(
        [b"HTTP/1.1 " + status, *headers, b"Connection: close", b"", body]
    ),
    STATUSES,
    st.lists(HEADERS | st.binary(max_size=30), max_size=4),
    st.binary(max_size=60) | st.sampled_from([b"5\r\nabcde\r\n0\r\n\r\n", b"ffffffffffffffff\r\n"]),
)


@pytest.mark.fuzz
@tried(60)
@given(ANSWERS | st.binary(max_size=200), st.booleans())
@example(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5_000 + b"\r\n\r\n", False)
@example(b"HTTP/1.1 206 x\r\nContent-Range: bytes 3-4/" + b"9" * 5_000 + b"\r\n\r\nx", True)
def test_any_answer_gives_a_file_or_one_sentence(answer: bytes, resumed: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, answering(answer) as url:
        part = Path(folder, "x.part")
        if resumed:
            part.write_bytes(b"abc")
            note = {"url": url, "validator": '"x"', "total": 5}
            Path(folder, "x.part.json").write_text(json.dumps(note))
        with or_one_sentence(SpeechModelError):
            for step in download(url, part, ONCE):
                assert step.received >= 0
        assert {entry.name for entry in Path(folder).iterdir()} <= {"x.part", "x.part.json"}


NOTES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)


@pytest.mark.fuzz
@tried(60)
@given(st.binary(max_size=60), st.fixed_dictionaries({"validator": NOTES, "total": NOTES}) | NOTES)
@example(b"abc", {"validator": "a\nb", "total": 9})
@example(b"abc", {"validator": ["a"], "total": 3})
def test_whatever_was_left_behind_the_file_is_the_right_one(left: bytes, note: object) -> None:
    whole = isinstance(note, dict) and note.get("total") == len(left)
    assume(not whole)  # then it is whole: we said so
    with tempfile.TemporaryDirectory() as folder, serving(ModelServer(CONTENT)) as server:
        part = Path(folder, "x.part")
        part.write_bytes(left)
        if isinstance(note, dict):
            note = {"url": f"{server.url}x", **note}
        text = json.dumps(note)
        Path(folder, "x.part.json").write_text(text)
        list(download(f"{server.url}x", part, ONCE))
        assert part.read_bytes() == CONTENT


@pytest.mark.parametrize("told", [True, False])
def test_a_trickle_counts_as_broken_and_what_came_in_is_kept(told: bool, tmp_path: Path) -> None:
    part = tmp_path / "x.part"
    plan = ModelServer(CONTENT * 20, block=1, seconds_per_block=0.1, length=told)
    with serving(plan) as server:
        begin = time.monotonic()
        with pytest.raises(SpeechModelError, match="bijna niets"):
            list(download(f"{server.url}x", part, Patience(timeout=0.5, pauses=(0.01,))))
        assert 1.0 <= time.monotonic() - begin < 10
        assert len(server.asked) == 2
    assert CONTENT.startswith(part.read_bytes())
    assert part.stat().st_size > 2


def test_a_slow_but_steady_connection_gets_there(tmp_path: Path) -> None:
    part = tmp_path / "x.part"
    with serving(ModelServer(CONTENT * 150, block=64 * 1024, seconds_per_block=0.1)) as server:
        list(download(f"{server.url}x", part, Patience(timeout=1.0, pauses=())))
        assert server.asked == [None]
    assert part.read_bytes() == CONTENT * 150


def test_a_note_of_brackets_is_no_note(tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(b"abc")
    (tmp_path / "x.part.json").write_text("[" * 5_000)
    with serving(ModelServer(CONTENT)) as server:
        list(download(f"{server.url}x", tmp_path / "x.part", ONCE))
    assert (tmp_path / "x.part").read_bytes() == CONTENT
