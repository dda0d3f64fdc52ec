"""The control socket, with real sockets: what is answered, and what bad clients come to."""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from faxhw.clock import SYSTEM_CLOCK
from faxhw.errors import DeviceError, Error, StorageError, UsageError
from faxhw.serve.asking import ask, usual_path
from faxhw.serve.control import MOST_CLIENTS, MOST_OCTETS, PATIENCE, Control, Request

from .bench import SetClock, serving

REFUSALS = {"usage": UsageError("say it better"), "storage": StorageError("full"), "other": Error("no")}


class Ticking(SetClock):
    """Its monotonic time is a test's, too."""

    def monotonic(self) -> float:
        return self.moment


def echo(request: Request) -> Mapping[str, object]:
    if request.fd is not None:
        assert not os.get_inheritable(request.fd)
    read = None if request.fd is None else os.pread(request.fd, 100, 0).decode()
    return {"words": request.words, "uid": request.peer.uid, "pid": request.peer.pid, "read": read}


def refuse(request: Request) -> Mapping[str, object]:
    raise REFUSALS[request.text("how")]


def fail(request: Request) -> Mapping[str, object]:
    raise ZeroDivisionError


HANDLERS = {"echo": echo, "refuse": refuse, "fail": fail, "long": lambda _: {"long": "x" * 3_000_000}}


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def control(tmp_path: Path, clock: Ticking) -> Iterator[Control]:
    with Control(tmp_path / "control", HANDLERS, clock) as made:
        yield made


def client(tmp_path: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.connect(str(tmp_path / "control"))
    made.settimeout(5)
    return made


def answer(control: Control, connection: socket.socket) -> dict[str, object]:
    """What a client is answered; it takes the answer as it comes."""
    octets = b""
    connection.setblocking(False)
    for _ in range(10_000):
        control.serve_once()
        try:
            piece = connection.recv(1 << 20)
        except BlockingIOError:
            continue
        if not piece:
            break
        octets += piece
    connection.close()
    said: dict[str, object] = json.loads(octets)
    return said


def test_a_request_and_its_answer(tmp_path: Path) -> None:
    document = tmp_path / "document"
    document.write_text("a page")
    path = tmp_path / "control"
    with serving(path, HANDLERS), document.open("rb") as file:
        assert ask(path, "echo", fd=file.fileno(), number="1", pages=2) == {
            "words": {"number": "1", "pages": 2},
            "uid": os.getuid(),
            "pid": os.getpid(),
            "read": "a page",
        }
        assert ask(path, "echo")["read"] is None
        assert len(str(ask(path, "long")["long"])) == 3_000_000


def test_refusals_are_raised_where_they_were_caused(tmp_path: Path) -> None:
    path = tmp_path / "control"
    with serving(path, HANDLERS):
        for how, error in REFUSALS.items():
            with pytest.raises(type(error), match=str(error)) as caught:
                ask(path, "refuse", how=how)
            assert type(caught.value) is type(error)
        with pytest.raises(Error, match="its log has more"):
            ask(path, "fail")
        with pytest.raises(UsageError, match="knows no 'sing'"):
            ask(path, "sing")


@pytest.mark.parametrize(
    ("octets", "message"),
    [
        (b"hello\n", "no JSON"),
        (b"\xff\xfe\n", "no JSON"),
        (b"[" * 60_000 + b"\n", "no JSON"),
        (b"9" * 5_000 + b"\n", "no JSON"),
        (b"[1]\n", "no object with a verb"),
        (b'{"verb": 1}\n', "no object with a verb"),
        (b"x" * (MOST_OCTETS + 1), "too long"),
        (b"x" * (MOST_OCTETS + 1) + b"\n", "too long"),
        (b'{"verb"', "has no end"),
        (b"", "has no end"),
    ],
)
def test_bad_requests(tmp_path: Path, control: Control, octets: bytes, message: str) -> None:
    connection = client(tmp_path)
    connection.sendall(octets)
    connection.shutdown(socket.SHUT_WR)
    assert message in str(answer(control, connection)["error"])
    connection = client(tmp_path)
    connection.sendall(b'{"verb": "echo", "a": "b"}\n')
    assert answer(control, connection)["words"] == {"a": "b"}


def test_a_request_in_pieces(tmp_path: Path, control: Control) -> None:
    connection = client(tmp_path)
    for octet in b'{"verb": "echo"}\nrubbish':
        connection.send(bytes([octet]))
        control.serve_once()
        if octet == ord("\n"):
            break
    assert answer(control, connection)["words"] == {}


def test_a_silent_client_holds_up_nobody_and_is_dropped(
    tmp_path: Path, control: Control, clock: Ticking
) -> None:
    silent = client(tmp_path)
    control.serve_once()
    talking = client(tmp_path)
    talking.sendall(b'{"verb": "echo"}\n')
    assert answer(control, talking)["words"] == {}
    clock.moment += PATIENCE
    control.serve_once()
    assert silent.recv(1) == b""
    silent.close()


def test_a_client_that_does_not_take_its_answer_is_dropped(
    tmp_path: Path, control: Control, clock: Ticking
) -> None:
    deaf = client(tmp_path)
    deaf.sendall(b'{"verb": "long"}\n')
    for _ in range(5):
        control.serve_once()
    clock.moment += PATIENCE
    control.serve_once()
    taken = sum(map(len, iter(lambda: deaf.recv(1 << 20), b"")))
    assert 0 < taken < 3_000_000
    deaf.close()


def test_a_client_that_goes_away(tmp_path: Path, control: Control) -> None:
    for octets in (b"", b'{"verb": "long"}\n'):
        gone = client(tmp_path)
        gone.sendall(octets)
        gone.close()
        for _ in range(5):
            control.serve_once()
    connection = client(tmp_path)
    connection.sendall(b'{"verb": "echo"}\n')
    assert answer(control, connection)["words"] == {}


def test_a_crowd_of_clients(tmp_path: Path, control: Control) -> None:
    crowd = []
    for _ in range(MOST_CLIENTS + 1):
        crowd.append(client(tmp_path))
        control.serve_once()
    assert crowd[0].recv(1) == b""
    crowd[-1].sendall(b'{"verb": "echo"}\n')
    assert answer(control, crowd[-1])["words"] == {}
    for each in crowd:
        each.close()


def test_descriptors_are_not_kept(tmp_path: Path, control: Control) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - of names, not of files
    with (tmp_path / "document").open("wb") as file:
        for octets in (b'{"verb": "echo", "a": 1}\n', b"rubbish\n", b'{"verb": "fail"}\n'):
            connection = client(tmp_path)
            socket.send_fds(connection, [octets[:1]], [file.fileno()])
            control.serve_once()
            control.serve_once()
            socket.send_fds(connection, [octets[1:]], [file.fileno()])
            answered = answer(control, connection)
            assert "error" in answered
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


@pytest.mark.parametrize(
    ("words", "read", "message"),
    [
        ({"name": 1}, lambda it: it.text("name"), "name is of the wrong kind"),
        ({"pages": "1"}, lambda it: it.number("pages"), "pages is of the wrong kind"),
        ({"pages": True}, lambda it: it.number("pages"), "pages is a number"),
        ({"pages": 10**40}, lambda it: it.number("pages"), "pages is a number"),
        ({"options": []}, lambda it: it.table("options"), "wrong kind"),
        ({"options": {"a": 1}}, lambda it: it.table("options"), "no text"),
        ({"window": "Mon"}, lambda it: it.texts("window"), "wrong kind"),
        ({"window": [1]}, lambda it: it.texts("window"), "no text"),
    ],
)
def test_words_of_the_wrong_kind(
    words: dict[str, object], read: Callable[[Request], object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read(Request("submit", words, peer=None))  # type: ignore[arg-type]


def test_texts_lose_what_would_upset_a_terminal() -> None:
    request = Request("submit", {"name": "a\x1b[2J\n\ud800" + "b" * 300}, peer=None)  # type: ignore[arg-type]
    assert request.text("name") == "a[2J" + "b" * 196


# ----------------------------------------------------------------------------------------------------------
# The socket's name


def test_the_socket_is_for_owner_and_group(tmp_path: Path, control: Control) -> None:
    assert stat.S_IMODE((tmp_path / "control").stat().st_mode) == 0o660
    control.close()
    assert not (tmp_path / "control").exists()
    control.close()


def test_a_directory_that_others_can_write_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(UsageError, match=f"chmod o-w {tmp_path}"):
        Control(tmp_path / "control", {})


def test_a_stale_socket_is_replaced_and_a_live_one_is_not(tmp_path: Path, control: Control) -> None:
    with pytest.raises(DeviceError, match="another service answers"):
        Control(tmp_path / "control", {})
    control.close()
    stale = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stale.bind(str(tmp_path / "control"))
    stale.listen()
    with pytest.raises(DeviceError, match="another service answers"):  # of another make: it has no lock
        Control(tmp_path / "control", {})
    stale.close()
    with serving(tmp_path / "control", HANDLERS):
        assert ask(tmp_path / "control", "echo")["words"] == {}


def test_a_file_in_its_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "control").write_text("precious")
    with pytest.raises(UsageError, match="is no socket"):
        Control(tmp_path / "control", {})
    assert (tmp_path / "control").read_text() == "precious"


def test_a_name_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / ("x" * 120), tmp_path / "file" / "control"):
        with pytest.raises(UsageError, match="cannot be made"):
            Control(path, {})


def test_no_service(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match=r"no service runs at .*: start faxhw serve"):
        ask(tmp_path / "control", "queue")


def test_a_service_that_breaks_off(tmp_path: Path) -> None:
    path = tmp_path / "control"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def cut() -> None:
            connection, _ = listener.accept()
            connection.recv(1000)
            connection.sendall(b'{"job": ')
            connection.close()

        worker = SYSTEM_CLOCK.spawn(cut, "cut")
        with pytest.raises(DeviceError, match=r"gave no answer .*tells whether the fax was taken"):
            ask(path, "submit")
        assert worker.join(5)


def test_its_directory_is_made(tmp_path: Path) -> None:
    with Control(tmp_path / "faxhw" / "control", {}):
        assert stat.S_IMODE((tmp_path / "faxhw").stat().st_mode) & 0o027 == 0


def test_where_the_service_is_looked_for(tmp_path: Path) -> None:
    run, own = tmp_path / "run", {"XDG_RUNTIME_DIR": str(tmp_path / "user")}

    def looked_for(environment: Mapping[str, str] = own) -> str:
        return str(usual_path(environment, run).relative_to(tmp_path))

    def listen(path: str) -> Control:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        return Control(tmp_path / path, {})

    assert looked_for() == "user/faxhw/control"
    assert looked_for({}) == "run/control"
    with listen("user/faxhw/control"):
        assert looked_for() == "user/faxhw/control"
        with listen("run/fax/control"):
            assert looked_for({}) == "run/fax/control"
            with pytest.raises(
                UsageError, match=r"several services run: say --socket .*/run/fax.* or .*/user"
            ):
                looked_for()
    with listen("run/fax/control"), listen("run/two/control"):
        with pytest.raises(UsageError, match=r"--socket .*/run/fax/control or .*/run/two/control"):
            looked_for()
        assert looked_for({"RUNTIME_DIRECTORY": str(run / "two")}) == "run/two/control"
    with listen("run/two/control"):
        for name in ("run/dead/control", "user/faxhw/control"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as killed:
                killed.bind(str(tmp_path / name))
        assert looked_for() == "run/two/control"
