"""The virtual modem in command state: AT text, settings, results, identity."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faxhw.errors import PortError
from faxhw_drivers.sim import Bench, Quirks
from tests.virtual.dte import Dte


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def dte(bench: Bench) -> Dte:
    return Dte(bench, bench.modem("100"))


def heard(bench: Bench, dte: Dte, said: bytes) -> bytes:
    dte.write(said)
    answer = dte.port.read(0.5)
    while more := dte.port.read(0.5):
        answer += more
    return answer


def test_echo_and_verbose_results_are_on_at_first(bench: Bench, dte: Dte) -> None:
    assert heard(bench, dte, b"at\r") == b"at\r\r\nOK\r\n"
    assert heard(bench, dte, b"ATE0\r") == b"ATE0\r\r\nOK\r\n"
    assert heard(bench, dte, b"AT\r") == b"\r\nOK\r\n"
    assert heard(bench, dte, b"ATV0\r") == b"0\r"
    assert heard(bench, dte, b"AT+NONSENSE\r") == b"4\r"
    assert heard(bench, dte, b"ATI3\r") == b"virtual modem\r\n0\r"
    assert heard(bench, dte, b"ATV1\r") == b"\r\nOK\r\n"
    assert heard(bench, dte, b"ATQ1\r") == b""
    assert heard(bench, dte, b"ATQ0\r") == b"\r\nOK\r\n"


def test_a_line_may_be_corrected_and_repeated(bench: Bench, dte: Dte) -> None:
    dte.command("ATE0")
    assert heard(bench, dte, b"ATS7=\x08?\r") == b"\r\n060\r\n\r\nOK\r\n"
    assert heard(bench, dte, b"A/") == b"\r\n060\r\n\r\nOK\r\n"
    assert heard(bench, dte, b"xyzAATS7?\r") == b"\r\n060\r\n\r\nOK\r\n"


@given(st.lists(st.integers(1, 39), max_size=6))
@settings(max_examples=20, deadline=None)
def test_any_split_of_a_command_line_means_the_same(cuts: list[int]) -> None:
    bench = Bench()
    dte = Dte(bench, bench.modem("100"))
    said = b"ATE0S7=45;+FCLASS=1;+FCLASS?;S7?;&K4+FLO?\r"
    places = sorted({0, *cuts, len(said)})
    for begin, end in itertools.pairwise(places):
        dte.write(said[begin:end])
    assert dte.until(b"OK").split() == [said[:4] + said[4:-1], b"1", b"045", b"1", b"OK"]


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+FCLASS=?", ["0,1,1.0,2,2.0,2.1", "OK"]),
        ("AT+FCLASS?", ["0", "OK"]),
        ("AT+FCLASS=3", ["ERROR"]),
        ("AT+FTM=?", ["3,24,48,72,73,74,96,97,98,121,122,145,146", "OK"]),
        ("AT+FRH=?", ["3", "OK"]),
        ("AT+FTS=?", ["0-255", "OK"]),
        ("AT+FMI?;+FMM?;+FMR?", ["faxhw", "Virtual Modem", "1", "OK"]),
        ("AT+FLO=1;+FLO?;&K3+FLO?", ["1", "2", "OK"]),
        ("AT+FAR=1;+FAR?;+FAR=?", ["1", "0,1", "OK"]),
        ("AT#CID=1;+VCID?", ["1", "OK"]),
        ("AT+FCL=2;+FCL?", ["2", "OK"]),
        ("AT+FPR=6+FLO?", ["ERROR"]),
        ("ATS99=7S99?", ["007", "OK"]),
        ("ATS100=1", ["ERROR"]),
        ("ATS7=256", ["ERROR"]),
        ("ATS3=128", ["ERROR"]),
        ("AT&F&C1&D2X4M1L2S0=0", ["OK"]),
        ("ATX5", ["ERROR"]),
        ("AT&K9", ["ERROR"]),
        ("AT%E2", ["ERROR"]),
        ("AT+FTH=3", ["ERROR"]),
        ("ATI9", ["OK"]),
    ],
)
def test_commands_and_their_answers(dte: Dte, command: str, answer: list[str]) -> None:
    dte.command("ATE0")
    assert dte.command(command) == answer


def test_a_reset_forgets_settings(dte: Dte) -> None:
    dte.command("ATE0S7=30+VCID=1;+FCLASS=1")
    dte.command("ATZ")
    assert dte.command("ATE0")[-1] == "OK"
    assert dte.command("ATS7?+VCID?;+FCLASS?") == ["060", "0", "0", "OK"]


def test_fax_operations_need_class_1_and_a_line(dte: Dte) -> None:
    dte.command("ATE0H1")
    assert dte.command("AT+FRS=1") == ["ERROR"]
    dte.command("AT+FCLASS=1.0")
    assert dte.command("AT+FTS=8") == ["OK"]
    assert dte.command("AT+FTM=33") == ["ERROR"]
    dte.command("ATH")
    assert dte.command("AT+FTS=8") == ["ERROR"]


def test_dtr_hangs_up_or_resets_as_it_is_told_to(bench: Bench) -> None:
    plugged = bench.modem("100")
    dte = Dte(bench, plugged)
    state = plugged.modem.phone
    for setting, dropped, forgotten in [("&D0", False, False), ("&D2", True, False), ("&D3", True, True)]:
        dte.command(f"ATE0S7=30H1{setting}")
        dte.port.set_dtr(False)
        dte.port.set_dtr(True)
        assert (state.state.name == "IDLE") == dropped
        dte.rest = b""
        assert dte.command("ATE0")[-1] == "OK"
        assert dte.command("ATS7?") == ["060" if forgotten else "030", "OK"]
        dte.command("ATH")


def test_a_modem_that_says_ok_to_everything(bench: Bench) -> None:
    dte = Dte(bench, bench.modem("100", quirks=Quirks(ok_to_everything=True)))
    assert dte.command("ATE0")[-1] == "OK"
    assert dte.command("AT+FJUNK=?") == ["OK"]


def test_a_modem_that_says_nothing(bench: Bench) -> None:
    dte = Dte(bench, bench.modem("100", quirks=Quirks(silent=True)))
    dte.write(b"AT\r")
    assert dte.silent_for(60)


def test_a_modem_that_echoes_whatever_it_is_told(bench: Bench) -> None:
    dte = Dte(bench, bench.modem("100", quirks=Quirks(echo_always=True)))
    dte.command("ATE0")
    assert heard(bench, dte, b"AT\r") == b"AT\r\r\nOK\r\n"


def test_fclass_resets_flow_control_on_some(bench: Bench) -> None:
    dte = Dte(bench, bench.modem("100", "usr"))
    dte.command("ATE0")
    assert dte.command("AT&K0+FCLASS=1;+FLO?") == ["2", "OK"]


def test_a_modem_that_is_unplugged_fails_its_port(bench: Bench) -> None:
    plugged = bench.modem("100", quirks=Quirks(vanishes_at=3.0))
    dte = Dte(bench, plugged)
    dte.command("ATE0H1")
    with pytest.raises(PortError, match="virtual modem 100: the device was unplugged"):
        dte.line()
    assert bench.world.now == 3.0
    plugged.reopen()
    dte = Dte(bench, plugged)
    assert dte.command("ATS7?")[-2:] == ["060", "OK"]


def test_octets_take_their_time_on_the_serial_line(bench: Bench) -> None:
    dte = Dte(bench, bench.modem("100"))
    dte.command("ATE0")
    took = []
    for speed in (115200, 1200):
        dte.port.set_speed(speed)
        began = bench.world.now
        dte.command("ATI3")
        took.append(bench.world.now - began)
    said = len("ATI3\r") + len("\r\nvirtual modem\r\n\r\nOK\r\n")
    assert took[0] == pytest.approx(said / 11520 + 0.003)
    assert took[1] == pytest.approx(said / 120 + 0.003)
