"""Opening, probing and call control of a Class 1 modem, against modems of every kind of misbehaviour."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from faxhw.device import CallResult, Heard
from faxhw.errors import DeviceError, UsageError
from faxhw.ports.base import Flow
from faxhw.terms import Coding, Family, FarEndType, Settings
from faxhw_drivers.class1 import driver
from faxhw_drivers.class1.device import Class1Device
from tests.unit.scripted_port import ScriptClock, ScriptedPort

Answer = Callable[[bytes], bytes]

GOOD: Mapping[str, str] = {
    "": "",
    "I0": "56000",
    "I3": "CX93001-EIS_V0.2002-V92",
    "+FCLASS=?": "0,1,1.0,8",
    "+FRM=?": "3,24,48,72,96",
    "+FJUNK=?": "ERROR",
    "&K4": "ERROR",
}
"""What a modem says before OK; whatever is not here is plain OK, and ERROR stands for itself."""


def modem(says: Mapping[str, str] = GOOD, *, echo: bool = False) -> Answer:
    def answer(written: bytes) -> bytes:
        if not written.startswith(b"AT"):
            return b""
        said = says.get(written[2:-1].decode(), "")
        reply = said if said in {"ERROR", "BUSY", "NO ANSWER", "CONNECT", "NO DIALTONE"} else "OK"
        text = "" if said in {reply, ""} else f"\r\n{said}\r\n"
        return (written if echo else b"") + f"{text}\r\n{reply}\r\n".encode()

    return answer


def opened(
    answer: Callable[[bytes], bytes], **options: str
) -> tuple[Class1Device, ScriptedPort, ScriptClock]:
    clock = ScriptClock()
    port = ScriptedPort(clock, answer)
    return driver.open_on(port, clock, options), port, clock


def refused(answer: Answer, **options: str) -> tuple[str, float]:
    """Why the driver will not have a modem, and after how long."""
    clock = ScriptClock()
    port = ScriptedPort(clock, answer)
    with pytest.raises(DeviceError) as refusal:
        driver.open_on(port, clock, options)
    assert port.closed
    assert "\n" not in str(refusal.value)
    return str(refusal.value), clock.monotonic()


def test_a_modem_is_known_by_what_it_says() -> None:
    device, port, _ = opened(modem())
    assert "conexant-1.0" in device.description
    assert "CX93001" in device.description
    able = device.capabilities()
    assert able.families == {Family.V29, Family.V27TER}
    assert (able.min_rate, able.max_rate) == (2400, 9600)
    assert (able.ecm, able.poll, able.codings) == (True, True, frozenset(Coding))
    assert port.flows[-1] is Flow.RTS_CTS
    assert b"AT+FCLASS=1.0\r" in port.written
    device.close()
    device.close()
    assert port.written[-1] == b"AT+FCLASS=0\r"
    assert port.closed


def test_options_come_before_what_the_modem_says() -> None:
    device, port, _ = opened(modem(), profile="usr-xon", speed="57600")
    assert "usr-xon: asked for" in device.description
    assert port.speeds == [57600]
    assert port.flows[-1] is Flow.NONE  # XON/XOFF waits until a page goes out


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"profil": "x"}, "did you mean profile"),
        ({"colour": "blue"}, "there are profile, speed, flow"),
        ({"profile": "nobody"}, "there are generic, "),
        ({"speed": "fast"}, "bits per second"),
        ({"flow": "both"}, "none, rtscts, xonxoff"),
    ],
)
def test_wrong_options_are_refused_before_anything_is_sent(options: dict[str, str], complaint: str) -> None:
    port = ScriptedPort(ScriptClock(), modem())
    with pytest.raises(UsageError, match=complaint):
        driver.open_on(port, ScriptClock(), options)
    assert not port.written


def test_a_driver_without_a_port_is_no_device() -> None:
    with pytest.raises(UsageError, match="give one such as class1:/dev/ttyACM0"):
        driver.open("", {})


def test_nobody_answers() -> None:
    message, seconds = refused(lambda _: b"")
    assert "no modem answers" in message
    assert seconds < 10


def test_only_an_echo_answers() -> None:
    message, seconds = refused(lambda written: written)
    assert "not a modem, name the port of one" in message
    assert seconds < 10


def test_noise_answers() -> None:
    message, seconds = refused(lambda _: b"\xff\x00\x7e" * 50)
    assert "no modem answers" in message
    assert seconds < 10


@pytest.mark.parametrize("babble", [b"\xff\x00\x7e" * 50, b"\r\nhello\r\n" * 20, b"0\r1\r"])
def test_a_modem_that_never_stops_talking_is_refused(babble: bytes) -> None:
    clock = ScriptClock()
    port = ScriptedPort(clock, lambda _: b"")

    def talk(timeout: float | None) -> bytes:
        clock.sleep(0.001)
        return babble

    port.read = talk  # type: ignore[method-assign]
    with pytest.raises(DeviceError) as refusal:
        driver.open_on(port, clock, {})
    assert "\n" not in str(refusal.value)
    assert clock.monotonic() < 30


def test_ok_to_everything_and_nothing_else() -> None:
    assert (
        "not a fax modem, name the port of one"
        in refused(lambda written: b"\r\nOK\r\n" if b"AT" in written else b"")[0]
    )


def test_a_modem_without_fax() -> None:
    assert (
        "not a fax modem, name the port of one"
        in refused(modem({**GOOD, "+FCLASS=?": "ERROR", "+FCLASS=1": "ERROR"}))[0]
    )


def test_a_modem_with_other_classes_only() -> None:
    assert "it offers classes 0, 2, 2.0" in refused(modem({**GOOD, "+FCLASS=?": "(0,2,2.0)"}))[0]


def test_a_modem_that_will_not_be_set_up() -> None:
    message, _ = refused(modem({**GOOD, "S0=0": "ERROR"}))
    assert "refuses ATS0=0" in message


def test_a_modem_that_falls_silent_in_the_middle() -> None:
    answer = modem()
    assert (
        "does not answer ATS0=0" in refused(lambda written: b"" if b"S0" in written else answer(written))[0]
    )


def test_a_modem_that_echoes_whatever_it_is_told() -> None:
    device, _, _ = opened(modem(echo=True))
    assert "conexant-1.0" in device.description


def test_a_modem_left_in_numeric_mode() -> None:
    verbose, answer = False, modem()

    def numeric_at_first(written: bytes) -> bytes:
        nonlocal verbose
        reply = answer(written)
        verbose = verbose or b"V1" in written
        return reply if verbose else written + b"0\r"

    assert "conexant-1.0" in opened(numeric_at_first)[0].description


def test_a_modem_left_in_the_middle_of_a_page() -> None:
    ready, answer = False, modem()

    def waits_for_the_end(written: bytes) -> bytes:
        nonlocal ready
        if b"\x10\x03" in written:
            ready = True
            return b"\r\nOK\r\n"
        return answer(written) if ready else b""

    assert "conexant-1.0" in opened(waits_for_the_end)[0].description


def test_a_modem_at_another_speed() -> None:
    answer = modem()
    clock = ScriptClock()
    port = ScriptedPort(clock, lambda written: answer(written) if port.speeds[-1] == 9600 else b"")
    assert "conexant-1.0" in driver.open_on(port, clock, {}).description
    assert port.speeds[-1] == 9600


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ("BUSY", CallResult.BUSY),
        ("NO ANSWER", CallResult.NO_ANSWER),
        ("NO DIALTONE", CallResult.NO_DIALTONE),
        ("CONNECT", CallResult.CONNECTED),
        ("ERROR", CallResult.FAILED),
        ("", CallResult.FAILED),  # OK
    ],
)
def test_what_becomes_of_dialling(said: str, result: CallResult) -> None:
    device, port, _ = opened(modem({**GOOD, "DT0W1,23": said}))
    sent = len(port.written)
    assert device.dial("0W1,23", 60.0) is result
    then = [b"ATH0\r"] if result is CallResult.FAILED else []
    assert port.written[sent:] == [b"ATDT0W1,23\r", *then]
    assert device.line_up() is (result is CallResult.CONNECTED)


def test_nothing_but_a_number_is_dialled() -> None:
    device, port, _ = opened(modem())
    sent = len(port.written)
    for number in ("", "123;+FCLASS=8", "12\r3", "ATZ", "1" * 81, "1x"):
        with pytest.raises(UsageError, match="cannot be dialled"):
            device.dial(number, 60.0)
    assert len(port.written) == sent


def test_dialling_is_given_up_in_time() -> None:
    answer = modem()
    device, port, clock = opened(lambda written: b"" if written.startswith(b"ATD") else answer(written))
    began = clock.monotonic()
    assert device.dial("123", 60.0) is CallResult.TIMEOUT
    assert clock.monotonic() - began < 65
    assert port.written[-2:] == [b"\r", b"ATH0\r"]


def rings(port: ScriptedPort, *lines: str) -> None:
    port.says("".join(f"\r\n{line}\r\n" for line in lines).encode())


def ring_while_waiting(port: ScriptedPort, *lines: str) -> None:
    """As ``rings``, once the host waits."""

    def ring() -> None:
        port.on_wait = lambda: None
        rings(port, *lines)

    port.on_wait = ring


def test_a_call_with_its_caller() -> None:
    device, port, _ = opened(modem())
    rings(port, "RING", "DATE = 0101", "NMBR = 5551234", "NAME = J\x07 DOE")
    call = device.wait_for_call(10.0)
    assert call is not None
    assert (call.call_from, call.caller_name, call.rings) == ("5551234", "J DOE", 1)
    assert call.fields == {"DATE": "0101"}


def test_a_call_is_answered_silently_where_the_profile_knows_how() -> None:
    device, port, _ = opened(modem(), profile="iaxmodem")
    rings(port, "RING", "NMBR = 1")
    assert device.wait_for_call(10.0)
    assert device.answer(10.0) is CallResult.CONNECTED
    assert port.written[-1] == b"ATH1\r"
    assert device.line_up()


def test_a_call_is_answered_in_voice_class_where_the_modem_has_it() -> None:
    device, port, _ = opened(modem())
    rings(port, "RING", "NMBR = 1")
    assert device.wait_for_call(10.0)
    assert device.answer(10.0) is CallResult.CONNECTED
    assert port.written[-2:] == [b"AT+FCLASS=8\r", b"AT+VLS=1\r"]
    assert device.listen(0.0) == Heard()
    port.says(b"\x105\x10c\r\n\x10x\x10")
    assert device.listen(10.0) == Heard(FarEndType.FAX, "5")
    assert device.line_up()
    port.says(b"b")
    assert not device.line_up()
    sent = len(port.written)
    device.hang_up()
    assert port.written[sent] == b"ATH0\r"
    assert b"AT+FCLASS=1.0\r" in port.written[sent:]


def test_a_modem_without_voice_class_is_not_asked_again() -> None:
    device, port, clock = opened(modem({**GOOD, "+FCLASS=8": "ERROR"}))
    for _ in range(2):
        ring_while_waiting(port, "RING", "NMBR = 1")
        assert device.wait_for_call(10.0)
        assert device.answer(10.0) is CallResult.CONNECTED
        assert port.written[-1] == b"ATH1\r"
        assert device.listen(10.0) == Heard()
        device.hang_up()
        clock.sleep(20.0)
    assert port.written.count(b"AT+FCLASS=8\r") == 1


def test_the_digits_of_a_number_called_are_waited_for() -> None:
    device, port, clock = opened(modem())
    left = ["DTMF9", "DTMF8", "DTMF0"]

    def next_digit() -> None:
        if left:
            clock.sleep(0.8)
            rings(port, left.pop(0))

    port.on_wait = next_digit
    rings(port, "DTMF5")
    call = device.wait_for_call(10.0, rings=3)
    assert call is not None
    assert (call.call_to, call.rings) == ("5980", 1)
    assert clock.monotonic() < 6.0


def test_a_call_that_comes_while_a_number_is_dialled_is_reported() -> None:
    answer = modem()
    device, _, clock = opened(
        lambda written: b"\r\nRING\r\n" if written.startswith(b"ATD") else answer(written)
    )
    began = clock.monotonic()
    assert device.dial("123", 60.0) is CallResult.INCOMING
    assert clock.monotonic() - began < 7.0
    assert not device.line_up()
    call = device.wait_for_call(10.0)
    assert call is not None
    assert call.rings == 1


def test_a_ring_does_not_hide_that_a_number_was_reached() -> None:
    answer = modem()
    device, _, _ = opened(
        lambda written: b"\r\nRING\r\n\r\nCONNECT\r\n" if written.startswith(b"ATD") else answer(written)
    )
    assert device.dial("123", 60.0) is CallResult.CONNECTED


def test_a_call_is_left_ringing_where_there_is_no_silent_way() -> None:
    device, port, _ = opened(modem(), profile="generic")
    sent = len(port.written)
    rings(port, "RING", "NMBR = 1")
    assert device.wait_for_call(10.0)
    assert device.answer(10.0) is CallResult.CONNECTED
    assert len(port.written) == sent


def test_a_call_that_is_gone_is_not_answered() -> None:
    device, port, clock = opened(modem())
    rings(port, "RING", "NMBR = 1")
    assert device.wait_for_call(10.0)
    clock.sleep(20.0)
    assert not device.keep_ringing()
    assert device.answer(10.0) is CallResult.NO_CARRIER


def test_a_declined_call_is_not_reported_again_while_it_rings() -> None:
    device, port, clock = opened(modem(), profile="generic")
    rings(port, "RING", "NMBR = 1")
    assert device.wait_for_call(10.0)
    device.reject()
    clock.sleep(5.0)
    rings(port, "RING")
    assert device.wait_for_call(5.0) is None
    clock.sleep(20.0)
    ring_while_waiting(port, "RING", "NMBR = 2")
    call = device.wait_for_call(10.0)
    assert call is not None
    assert call.call_from == "2"


def test_a_session_needs_a_call() -> None:
    device, _, _ = opened(modem())
    with pytest.raises(DeviceError, match="answer or dial first"):
        device.receive(Settings())


def test_hanging_up_a_modem_that_has_gone_deaf_drops_dtr_and_sets_it_up_again() -> None:
    answer = modem()

    def deaf_until_dtr_drops(written: bytes) -> bytes:
        return answer(written) if not device_is_up or port.dtr else b""

    device_is_up = False
    clock = ScriptClock()
    port = ScriptedPort(clock, deaf_until_dtr_drops)
    device = driver.open_on(port, clock, {})
    device_is_up = True
    sent = len(port.written)
    device.hang_up()
    assert port.dtr == [False, True]
    assert b"AT+FCLASS=1.0\r" in port.written[sent:]


def test_a_modem_that_will_not_hang_up_when_told_is_made_to() -> None:
    device, port, _ = opened(modem({**GOOD, "H0": "ERROR"}))
    device.hang_up()
    assert port.dtr == [False, True]


def test_a_modem_that_never_stops_talking_holds_up_nobody() -> None:
    device, port, clock = opened(modem())
    rings(port, "RING")
    read = port.read

    def talk(timeout: float | None) -> bytes:
        clock.sleep(0.001)
        return read(timeout) or b"\r\nNAME = X\r\n" * 10

    port.read = talk  # type: ignore[method-assign]
    began = clock.monotonic()
    assert device.wait_for_call(10.0)
    device.hang_up()
    assert clock.monotonic() - began < 10


def test_hanging_up_a_modem_that_is_dead_says_so() -> None:
    answer, dead = modem(), False
    device, _, clock = opened(lambda written: b"" if dead else answer(written))
    dead = True
    began = clock.monotonic()
    with pytest.raises(DeviceError, match="no modem answers"):
        device.hang_up()
    assert clock.monotonic() - began < 40
