"""The driver ``dahdi``: analogue telephone lines on cards with DAHDI's drivers, and the software modem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import cast

from faxhw.clock import SYSTEM_CLOCK, Clock
from faxhw.device import SoundDriver
from faxhw.errors import UsageError, hint
from faxhw.finding import load_driver
from faxhw.reports import DeviceInfo, Finding, Kind, ProbeReport
from faxhw_drivers.dsp.dahdi import opening
from faxhw_drivers.dsp.dahdi.device import DahdiDevice
from faxhw_drivers.dsp.dahdi.files import HostFile, Opener

SPANS = Path("/proc/dahdi")
MODEM = "dsp"
"""The driver that makes a modem of a call's sound."""
_CHOICES = {"coding": ("linear", "law"), "dialtone": ("wait", "ignore")}
_CHANNEL = re.compile(r"\s*([0-9]{1,5}) (\S{1,40})\s*(.{0,80})")
"""A line of ``/proc/dahdi/N``: number, name, signalling and state of a channel."""


class DahdiDriver:
    """The driver ``dahdi`` (``faxhw.device.Driver``). Ports: ``N``, a channel's number, or ``/dev/dahdi/N``.

    Its options: ``coding`` (``linear``, or ``law``: as on the line, so that the kernel has less to do) and
    ``dialtone`` (``wait`` for it before dialling, or ``ignore``).
    """

    name = "dahdi"

    def __init__(self, open_file: Opener = HostFile, spans: Path = SPANS) -> None:
        self._open_file = open_file
        self._spans = spans

    def check_options(self, options: Mapping[str, str]) -> None:
        """As ``faxhw.device.CheckingDriver``."""
        for option, value in options.items():
            if option not in _CHOICES:
                raise UsageError(f"dahdi has no option {option!r}; {hint(option, _CHOICES)}")
            if value not in _CHOICES[option]:
                raise UsageError(f"{option} is {' or '.join(_CHOICES[option])}, not {value!r}")

    def open(self, port: str, options: Mapping[str, str]) -> DahdiDevice:
        return self.open_on(port, SYSTEM_CLOCK, cast("SoundDriver", load_driver(MODEM)), options)

    def open_on(self, port: str, clock: Clock, modem: SoundDriver, options: Mapping[str, str]) -> DahdiDevice:
        """As ``open``, with the clock that the channel's file keeps, and a modem."""
        self.check_options(options)
        name, place = self._place(port)
        modem.modulations()  # without a modem the channel is not touched
        law_coded = options.get("coding") == "law"
        channel = opening.open_channel(name, place, self._open_file, clock, law_coded=law_coded)
        wait = options.get("dialtone") != "ignore"
        return DahdiDevice(channel, clock, modem, wait_for_dial_tone=wait)

    def probe(self, port: str, options: Mapping[str, str]) -> ProbeReport:
        self.check_options(options)
        name, place = self._place(port)
        params = opening.ask(name, place, self._open_file)
        identity = {
            "channel": f"{params.channel} {params.name}",
            "span": str(params.span),
            "signalling": f"{params.signalling:#x}",
        }
        findings = [Finding("there is no telephone line on the channel (alarm)", "plug it in")]
        return ProbeReport(
            name,
            self.name,
            "",
            "DAHDI knows the channel",
            identity,
            findings=tuple(findings if params.alarms else ()),
        )

    def devices(self) -> Iterable[DeviceInfo]:
        """The channels that ``/proc/dahdi`` names with the signalling of a line."""
        return [info for span in _spans(self._spans) for info in _channels(span)]

    def _place(self, port: str) -> tuple[str, opening.Place]:
        name = f"{self.name}:{port}"
        place = opening.Place.parse(port)
        if place is None:
            raise UsageError(f"{name}: give a channel's number, as in dahdi:1, or its path, /dev/dahdi/1")
        return name, place


def _spans(directory: Path) -> Iterator[str]:
    """The text of each span's file."""
    try:
        files = sorted(each for each in directory.iterdir() if each.name.isdecimal())
    except OSError:
        return
    for file in files:
        try:
            yield file.read_text("ascii", "replace")
        except OSError:
            continue


def _channels(span: str) -> Iterator[DeviceInfo]:
    first, _, rest = span.partition("\n")
    card = first.partition('"')[2].rpartition('"')[0]
    card = "".join(each for each in card if each.isprintable())[:80]
    for match in map(_CHANNEL.fullmatch, rest.splitlines()):
        if match and "FXS" in match[3]:
            note = ("It is in use.",) if "In use" in match[3] else ()
            yield DeviceInfo(
                f"dahdi:{match[1]}",
                description=f"DAHDI channel {match[1]} ({match[2]})",
                model=card,
                driver="dahdi",
                notes=note,
                kind=Kind.MODEM,
            )
