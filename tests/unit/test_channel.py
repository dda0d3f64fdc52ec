"""Call control: states, causes, exceptions, and that the line is always released."""

from __future__ import annotations

import pytest

from faxhw.channel import Channel
from faxhw.device import CallResult, IncomingCall
from faxhw.errors import DeviceError, Error, Hangup, PortError, UsageError
from faxhw.session import Outcome, Session, Status
from faxhw.terms import Settings

from .fax_bench import FakeDevice, answered


def test_an_incoming_call_from_ring_to_hang_up() -> None:
    device = FakeDevice(ring=IncomingCall("0123", "4567", "Ada", fields={"MESG": "x"}))
    with Channel(device) as channel:
        assert channel.state() is channel.State.IDLE
        assert channel.wait_for_call(rings=2) is channel.State.CALL_INCOMING
        details = channel.Details
        assert (details.call_from, details.call_to, details.caller_name) == ("0123", "4567", "Ada")
        assert (details.rings, details.device, details.fields) == (2, "fake:1", {"MESG": "x"})
        assert details.started is not None
        assert channel.ring() is channel.State.RING_INCOMING
        assert channel.answer() is channel.State.ANSWERED
        assert channel.hang_up() is channel.State.IDLE
        assert channel.cause() is channel.Cause.NORMAL
    assert device.said == ["wait for a call", "answer", "hang up", "hang up", "close"]


def test_what_else_is_known_of_a_call() -> None:
    ring = IncomingCall(no_number="WITHHELD", distinctive_ring="SLS")
    with Channel(FakeDevice(ring=ring)) as channel:
        channel.wait_for_call()
        assert (channel.Details.no_number, channel.Details.distinctive_ring) == ("WITHHELD", "SLS")


def test_a_device_that_cannot_listen_knows_nothing_of_the_far_end() -> None:
    with answered() as (channel, device):
        assert channel.listen() == "UNKNOWN"
        assert device.clock.monotonic() == 0.0
        channel.hang_up()
        with pytest.raises(Hangup):
            channel.listen()
        channel.wait_for_call()
        with pytest.raises(Error, match="it is CALL_INCOMING"):
            channel.listen()


def test_a_call_that_comes_before_one_is_made() -> None:
    device = FakeDevice(result=CallResult.INCOMING)
    with Channel(device) as channel:
        assert channel.call("1") is channel.State.IDLE
        assert channel.cause() is channel.Cause.CONGESTION
        assert channel.Details.incoming
        assert channel.wait_for_call() is channel.State.CALL_INCOMING
        assert not channel.Details.incoming


def test_nobody_calls() -> None:
    device = FakeDevice(ring=None)
    with Channel(device) as channel:
        assert channel.wait_for_call(30) is channel.State.WAITING
        assert device.clock.monotonic() == pytest.approx(30)
        assert channel.state() is channel.State.WAITING
        assert channel.wait_for_call(30) is channel.State.WAITING
        assert channel.call("123") is channel.State.ANSWERED


def test_the_caller_gives_up() -> None:
    device = FakeDevice()
    with Channel(device) as channel:
        channel.wait_for_call()
        device.ring = None
        assert channel.ring() is channel.State.IDLE
        with pytest.raises(Hangup):
            channel.answer()


def test_a_call_is_declined() -> None:
    device = FakeDevice()
    with Channel(device) as channel:
        channel.wait_for_call()
        assert channel.reject() is channel.State.IDLE
        assert channel.cause() is channel.Cause.REJECTED
        channel.wait_for_call()
        channel.reject(channel.Cause.BUSY)
        assert channel.cause() is channel.Cause.BUSY
    assert device.said.count("reject") == 2


@pytest.mark.parametrize(
    ("result", "cause"),
    [
        (CallResult.BUSY, "BUSY"),
        (CallResult.NO_ANSWER, "NOANSWER"),
        (CallResult.NO_DIALTONE, "OUTOFORDER"),
        (CallResult.NO_CARRIER, "OTHER"),
        (CallResult.BLACKLISTED, "BARRED"),
        (CallResult.INCOMING, "CONGESTION"),
        (CallResult.TIMEOUT, "TIMEOUT"),
        (CallResult.FAILED, "FAILED"),
    ],
)
def test_calls_that_come_to_nothing(result: CallResult, cause: str) -> None:
    with Channel(FakeDevice(result=result)) as channel:
        assert channel.call("+44 1908 (273) 800", call_from="1") is channel.State.IDLE
        assert channel.cause() == cause
        assert channel.Details.raw_cause == result
        channel.wait_for_call()
        assert channel.answer() is channel.State.IDLE
        assert channel.cause() == cause


def test_every_result_of_a_device_has_a_cause() -> None:
    for result in CallResult:
        with Channel(FakeDevice(result=result)) as channel:
            channel.call("1")


@pytest.mark.parametrize("number", ["", "12;H", "12\rATH", "ring ring", "1" * 65])
def test_what_is_no_number_is_not_dialled(number: str) -> None:
    device = FakeDevice()
    with Channel(device) as channel, pytest.raises(UsageError, match="telephone number"):
        channel.call(number)
    assert not any("dial" in said for said in device.said)


def test_a_number_that_only_the_device_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    device = FakeDevice()

    def refuse(_number: str, _timeout: float | None) -> CallResult:
        raise UsageError("fake:1: W cannot be dialled")

    monkeypatch.setattr(device, "dial", refuse)
    with Channel(device) as channel:
        with pytest.raises(UsageError, match="W cannot"):
            channel.call("W1")
        assert channel.state() is channel.State.IDLE


def test_functions_out_of_order() -> None:
    with Channel(FakeDevice()) as channel:
        for function in (channel.ring, channel.answer, channel.reject):
            with pytest.raises(Hangup):
                function()
        channel.wait_for_call(1)
        with pytest.raises(Error, match="it is CALL_INCOMING"):
            channel.call("1")
        channel.answer()
        with pytest.raises(Error, match="it is ANSWERED"):
            channel.answer()
        with pytest.raises(Error, match="it is ANSWERED"):
            channel.wait_for_call()


def test_the_far_end_hangs_up_while_nothing_is_under_way() -> None:
    with answered() as (channel, device):
        assert channel.wait_for_idle(5) is channel.State.ANSWERED
        device.up = False
        assert channel.wait_for_idle() is channel.State.IDLE
        assert device.said == ["hang up"]


def test_a_device_that_fails_leaves_the_channel_in_error(caplog: pytest.LogCaptureFixture) -> None:
    device = FakeDevice(broken=True)
    with Channel(device) as channel:
        with pytest.raises(PortError):
            channel.wait_for_call()
        assert channel.state() is channel.State.ERROR
        assert channel.cause() is channel.Cause.ERROR
        assert channel.wait_for_idle() is channel.State.ERROR
        with pytest.raises(Error, match="it is ERROR"):
            channel.wait_for_call()
        with pytest.raises(PortError):
            channel.hang_up()
    assert device.said[-1] == "close"
    assert "has vanished" in caplog.text


def test_a_line_that_cannot_be_watched(caplog: pytest.LogCaptureFixture) -> None:
    with answered() as (channel, device):
        device.up, device.broken = False, True
        assert channel.state() is channel.State.ERROR
    assert "has vanished" in caplog.text


def test_hang_up_in_idle_touches_nothing() -> None:
    device = FakeDevice()
    with Channel(device) as channel:
        assert channel.hang_up() is channel.State.IDLE
        assert device.said == []


def test_an_exception_in_the_script_releases_the_line() -> None:
    device = FakeDevice()

    def script() -> None:
        with Channel(device) as channel:
            channel.wait_for_call()
            channel.answer()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        script()
    assert device.said == ["wait for a call", "answer", "hang up", "close"]


def test_closing_twice_and_using_a_closed_channel() -> None:
    device = FakeDevice()
    channel = Channel(device)
    channel.close()
    channel.close()
    assert device.said == ["hang up", "close"]
    with pytest.raises(Error, match="closed"):
        channel.wait_for_call()
    with pytest.raises(Hangup):
        channel.FaxReceiver.start(filename="x.tif")


@pytest.mark.parametrize("end", ["hang_up", "close"])
def test_another_thread_ends_a_wait(end: str) -> None:
    device = FakeDevice(ring=None)
    channel = Channel(device)

    def other() -> None:
        device.clock.sleep(20)
        getattr(channel, end)()

    with channel:
        worker = device.clock.spawn(other, "other")
        assert channel.wait_for_call() is channel.State.IDLE
        assert worker.join(5)
        assert device.clock.monotonic() == pytest.approx(20)


def test_two_threads_cannot_both_have_the_line() -> None:
    device = FakeDevice(ring=None)
    raised: list[Exception] = []
    with Channel(device) as channel:

        def other() -> None:
            device.clock.sleep(1)
            try:
                channel.wait_for_call(1)
            except Error as error:
                raised.append(error)

        worker = device.clock.spawn(other, "other")
        channel.wait_for_call(10)
        worker.join()
    assert "in use" in str(raised[0])


def test_hanging_up_on_a_device_that_heeds_nothing_closes_it(caplog: pytest.LogCaptureFixture) -> None:
    def script(device: FakeDevice, _settings: Settings) -> Session:
        device.wait(None)
        yield from ()
        return Outcome(Status.NORMAL)

    with answered(script, heedless=True) as (channel, device):
        channel.FaxReceiver.start(filename="fax.tif")
        device.clock.sleep(1)
        with pytest.raises(DeviceError, match="did not let go"):
            channel.hang_up()
        assert channel.state() is channel.State.IDLE
        assert device.said[-1] == "close"
        assert channel.FaxReceiver.cause() is channel.FaxReceiver.Cause.ERROR
        assert device.clock.monotonic() < 30
    assert "port was closed" in caplog.text
