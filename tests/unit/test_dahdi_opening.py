"""Opening a channel: what is set up on it, and the one line that says why it cannot be had."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from faxhw.errors import DeviceError, UsageError
from faxhw_drivers.dsp.dahdi.driver import DahdiDriver
from faxhw_drivers.dsp.dahdi.files import ChannelFile, HostFile
from faxhw_drivers.dsp.driver import DspDriver
from faxhw_drivers.dsp.library import Library
from faxhw_drivers.sim.dahdi import CLEAR, FXOKS, RED_ALARM, Manners
from tests.virtual.sound_bench import SoundBench

MODEM = DspDriver(lambda: cast(Library, "one that is not asked for anything"))


@pytest.fixture
def bench() -> Iterator[SoundBench]:
    bench = SoundBench()
    yield bench
    bench.close()


@pytest.mark.parametrize("port", ["1", "/dev/dahdi/1"])
def test_a_channel_is_set_up_for_a_modem(bench: SoundBench, port: str) -> None:
    line = bench.line("100")
    device = bench.driver().open_on(port, bench.clock, MODEM, {})
    assert device.name == f"dahdi:{port}"
    assert device.description == "DAHDI channel 1 (SIM/0/1), software modem"
    assert not line.echo_canceller
    assert line.sound.buffers == 16
    assert line.in_use
    device.close()
    assert not line.in_use


@pytest.mark.parametrize(
    ("manners", "said"),
    [
        (Manners(signalling=FXOKS), r"a port for a telephone \(FXS\); use one for a telephone line \(FXO\)"),
        (Manners(signalling=CLEAR), r"no analogue line \(signalling 0x80\); use one that dahdi_cfg"),
        (Manners(signalling=0), "there is no such channel, or dahdi_cfg has not set it up"),
    ],
)
def test_a_channel_that_is_no_line_is_refused(bench: SoundBench, manners: Manners, said: str) -> None:
    line = bench.line("100", manners)
    with pytest.raises(DeviceError, match=f"dahdi:1: .*{said}"):
        bench.driver().open_on("1", bench.clock, MODEM, {})
    assert not line.in_use


def test_a_channel_that_is_not_there_is_told_of(bench: SoundBench) -> None:
    bench.line("100")
    with pytest.raises(DeviceError, match=r"dahdi:2: there is no such channel.*/proc/dahdi"):
        bench.driver().open_on("2", bench.clock, MODEM, {})


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOENT, "there is no DAHDI on this host: load its modules"),
        (errno.EACCES, "no permission: become a member of the group"),
        (errno.EBUSY, "the device is busy: another program"),
        (errno.EIO, "cannot be opened"),
    ],
)
def test_a_device_file_that_cannot_be_opened_is_told_of(number: int, said: str) -> None:
    def refuse(path: str) -> ChannelFile:
        raise OSError(number, os.strerror(number), path)

    with pytest.raises(DeviceError, match=f"^dahdi:1: {said}") as caught:
        DahdiDriver(refuse).probe("1", {})
    assert "\n" not in str(caught.value)


def test_a_host_without_dahdi_says_so() -> None:
    if Path("/dev/dahdi").exists():
        pytest.skip("this host has DAHDI")
    with pytest.raises(DeviceError, match="dahdi:1: there is no DAHDI on this host"):
        DahdiDriver().probe("1", {})


@pytest.mark.parametrize(
    "port", ["", "0", "-1", "x", "dev/dahdi/1", "/dev/dahdi/ctl", "123456789", "000001" + 12 * "9", "\u0661"]
)
def test_a_port_that_names_no_channel_is_refused(bench: SoundBench, port: str) -> None:
    with pytest.raises(UsageError, match="give a channel's number, as in dahdi:1"):
        bench.driver().probe(port, {})


def test_options_are_checked() -> None:
    driver = DahdiDriver()
    driver.check_options({"coding": "law", "dialtone": "ignore"})
    with pytest.raises(UsageError, match="no option 'dialton'; did you mean dialtone"):
        driver.check_options({"dialton": "wait"})
    with pytest.raises(UsageError, match="coding is linear or law, not 'mp3'"):
        driver.check_options({"coding": "mp3"})


def test_without_a_modem_the_channel_is_left_alone(bench: SoundBench) -> None:
    def missing() -> Library:
        raise DeviceError("libspandsp is not installed")

    line = bench.line("100")
    with pytest.raises(DeviceError, match="libspandsp is not installed"):
        bench.driver().open_on("1", bench.clock, DspDriver(missing), {})
    assert not line.in_use


def test_probing_says_what_the_channel_is_and_leaves_it_free(bench: SoundBench) -> None:
    line = bench.line("100", Manners(alarms=RED_ALARM))
    report = bench.driver().probe("1", {})
    assert report.identity == {"channel": "1 SIM/0/1", "span": "1", "signalling": "0x2004"}
    assert [each.what for each in report.findings] == ["there is no telephone line on the channel (alarm)"]
    assert not line.in_use


SPAN = """Span 1: WCTDM/4 "Wildcard TDM400P REV I Board 5" (MASTER)

\t   1 WCTDM/4/0 FXSKS (In use) (EC: MG2 - INACTIVE)
\t   2 WCTDM/4/1 FXOKS (EC: MG2 - INACTIVE)
\t   3 WCTDM/4/2 FXSLS RED(EC: MG2 - INACTIVE)
\t   4 WCTDM/4/3
garbage \x1b[2J
"""


def test_lines_are_listed_without_touching_them(tmp_path: Path) -> None:
    (tmp_path / "1").write_text(SPAN)
    (tmp_path / "2").write_text("")
    (tmp_path / "x").write_text(SPAN)
    found = list(DahdiDriver(spans=tmp_path).devices())
    assert [each.device for each in found] == ["dahdi:1", "dahdi:3"]
    assert found[0].model == "Wildcard TDM400P REV I Board 5"
    assert [each.notes for each in found] == [("It is in use.",), ()]
    assert list(DahdiDriver(spans=tmp_path / "none").devices()) == []


def test_a_device_file_of_the_host_waits_wakes_and_closes() -> None:
    master, slave = os.openpty()
    file = HostFile(os.ttyname(slave))
    assert not file.poll(0.0, readable=True)
    os.write(master, b"sound\n")
    assert file.poll(1.0, readable=True)
    assert file.read(100) == b"sound\n"
    with pytest.raises(BlockingIOError):
        file.read(100)
    file.wake()
    assert not file.poll(None)
    file.close()
    file.close()
    file.wake()
    with pytest.raises(OSError, match="closed"):
        file.poll(None)
    os.close(master)
    os.close(slave)
