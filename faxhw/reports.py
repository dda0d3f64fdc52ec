"""What drivers tell of devices: what is plugged in, untouched, and what one says of itself when asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a device is to somebody who looks for a fax modem; the likeliest first."""

    MODEM = "modem"
    PORT = "port"
    """A serial port with a modem behind it, perhaps."""
    SOFTMODEM = "softmodem"
    """A modem that is of no use without a driver, which there is not."""
    OTHER = "other"
    """Known to be something else."""


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """Something that is plugged in, as seen without touching it. Texts are free of control characters."""

    device: str
    """The device string that opens it; of what cannot be opened, where it is (``pci:0000:01:00.0``)."""
    description: str = ""
    maker: str = ""
    model: str = ""
    stable_path: str = ""
    """What opens it however often it is plugged in: a link to the port, or ``usb:VID:PID[:SERIAL]``."""
    driver: str = ""
    """Ours, that opens it."""
    usb_id: str = ""
    """Vendor and product, as in ``0572:1329``; empty if it is not on USB."""
    notes: tuple[str, ...] = ()
    """What to do about it, a sentence each."""
    kind: Kind = Kind.MODEM
    serial_number: str = ""
    kernel_driver: str = ""
    """The system's own driver for it, as in ``cdc_acm``; empty without one."""
    profile: str = ""
    """The profile that its USB id gives; empty: asking the modem will tell."""
    used_by: tuple[str, ...] = ()
    """The processes that have it open, as far as this user may see: number and name."""

    @property
    def in_use(self) -> bool:
        return bool(self.used_by)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with a device, or its owner should know."""

    what: str
    remedy: str = ""
    """What to do; empty: nothing need be."""


@dataclass(frozen=True, slots=True)
class ProbeReport:
    """What a device said of itself when asked. Texts are free of control characters, and bounded."""

    device: str
    driver: str
    profile: str
    reason: str
    """Why this driver and profile."""
    identity: Mapping[str, str] = field(default_factory=dict)
    """What it answers to each question about itself: ``ATI0``, ``maker``, ``+FMI``, ``usb`` (its id)."""
    classes: tuple[str, ...] = ()
    """The fax classes that it claims."""
    modulations: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    """What is wrong with it, and what to do."""
    fclass: str = ""
    """The fax class in which it is used, where it has any."""
    classes_taken: tuple[str, ...] = ()
    """Those of ``classes`` that it lets itself be put in."""
    credulous: bool = False
    """It says OK to commands that do not exist, so that what it takes proves nothing."""
    lists: Mapping[str, str] = field(default_factory=dict)
    """What it says it can do, by command (``+FRM``); empty where it refuses to say."""
    flow: str = ""
    """The flow control that is used with it."""
    flow_taken: Mapping[str, bool] = field(default_factory=dict)
    """Whether it takes each command for flow control that was tried."""
    flow_commands: Mapping[str, str] = field(default_factory=dict)
    """For each flow control (none, rtscts, xonxoff) the command that it takes."""
    frame_check: str = ""
    """Whether it hands up the check sequence of frames, as far as that is known without a call."""
    caller_id: str = ""
    """The command for caller ID that it takes; empty if none."""
    turnaround: float | None = None
    """Seconds from a command to its OK, the median of some; ``None`` if it did not always answer."""
    speed: int = 0
    """Bits per second of the serial line at which it listens."""
    unanswered: tuple[str, ...] = ()
    """Commands that brought no answer at all."""
