"""What ``import faxhw`` gives, and what it leaves alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

import faxhw


def test_every_public_name_is_there() -> None:
    for name in faxhw.__all__:
        assert getattr(faxhw, name) is not None
    assert set(faxhw.__all__) <= set(dir(faxhw))
    assert faxhw.__version__.count(".") == 2


def test_there_are_no_others() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Chanel'"):
        _ = faxhw.Chanel


def test_the_two_documented_exceptions() -> None:
    assert issubclass(faxhw.UsageError, faxhw.Error)
    assert issubclass(faxhw.PortError, faxhw.DeviceError)
    assert not issubclass(faxhw.Hangup, faxhw.Error)


@pytest.mark.parametrize("script", ["import faxhw", "from faxhw import Channel, FaxToReceive, FaxToSend"])
def test_importing_leaves_the_heavy_packages_alone(script: str) -> None:
    heavy = {"PIL", "serial", "usb", "rich", "click", "importlib.metadata"}
    said = subprocess.run(
        [sys.executable, "-c", f"{script}; import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not heavy & set(said.stdout.split())


def test_importing_on_a_system_that_is_not_posix() -> None:
    """And a fax on the simulated line needs nothing of POSIX but a place to store it."""
    script = (
        "import sys, signal\n"
        "del signal.SIGHUP\n"
        "sys.modules.update(dict.fromkeys(('termios', 'fcntl', 'pty', 'tty', 'resource')))\n"
        "import faxhw, faxhw.testing, faxhw.cli.commands\n"
        "for name in faxhw.__all__: getattr(faxhw, name)\n"
        "with faxhw.open_channel('sim:') as channel: print(channel.wait_for_call(10))"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert said.stdout == "CALL_INCOMING\n", said.stderr


def test_the_documented_classes_on_class_and_instance() -> None:
    assert set(faxhw.Channel.State) == {
        "WAITING", "CALL_INCOMING", "RING_INCOMING", "ANSWERING", "ANSWERED", "CALL_OUTGOING",
        "RING_OUTGOING", "HOLDING", "ON_HOLD", "TRANSFERRING", "TRANSFERRED", "RECONNECTING", "ERROR", "IDLE",
    }  # fmt: skip
    assert set(faxhw.Channel.Cause) == {
        "TIMEOUT", "ERROR", "NORMAL", "BUSY", "NOANSWER", "UNOBTAINABLE", "CHANGED", "OUTOFORDER", "BARRED",
        "REJECTED", "NOCHANNELS", "CONGESTION", "FAILED", "OTHER",
    }  # fmt: skip
    causes = {
        "ERROR", "NORMAL", "ABORTED", "HANGUP", "TIMEOUT", "NOTFAX", "UNKNOWN_OPTION", "UNKNOWN_VALUE",
        "INCONSISTENT_OPTIONS", "STANDARDMISMATCH", "COMMSFAULT", "PAGEQUALITY", "NONE",
    }  # fmt: skip
    assert set(faxhw.CallFaxReceiver.Cause) == set(faxhw.CallFaxSender.Cause) == causes
    assert set(faxhw.CallFaxReceiver.State) == {"RECEIVING", "IDLE", "ERROR"}
    assert set(faxhw.CallFaxSender.State) == {"TRANSMITTING", "IDLE", "ERROR"}
    assert f"{faxhw.CallFaxReceiver.Cause.NOTFAX}" == "NOTFAX"
