"""Makes of virtual modems: what they say they are, and the quirks they come with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from faxhw.ports.base import Flow
from faxhw_drivers.sim.modem.class2.quirks import IN_CLASS_2, FaxQuirks, Quality
from faxhw_drivers.sim.modem.quirks import Pauses, Quirks
from faxhw_drivers.sim.signals import CLASS1_CODES

ALL_CODES = tuple(CLASS1_CODES)
TURN_OFF = 0.010
"""What a real modem's ``Quirks.turn_off`` is, or thereabouts."""


FLOW_COMMANDS: Mapping[str, Flow] = {
    "&K0": Flow.NONE,
    "&K3": Flow.RTS_CTS,
    "&K4": Flow.XON_XOFF,
    "&H0": Flow.NONE,
    "&H1": Flow.RTS_CTS,
    "&H2": Flow.XON_XOFF,
}
"""Most makes say &K, USR says &H, and &I and &R for the other direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A make of modem."""

    maker: str = "faxhw"
    name: str = "Virtual Modem"
    revision: str = "1"
    identity: Mapping[int, str] = field(default_factory=lambda: {0: "faxhw", 3: "virtual modem"})
    """The answers to ATI0, ATI1, …"""
    classes: tuple[str, ...] = ("0", "1", "1.0", "2", "2.0", "2.1")
    """The answer to +FCLASS=?; 8 lets it take the line without a sound."""
    codes: tuple[int, ...] = ALL_CODES
    """The values of +FTM and +FRM that it knows."""
    resolutions: int = 0x7F
    """The bits of vr, in the lists of classes 2.0 and 2.1, that it has. All include that of 200 x 400, which
    nothing comes of: HylaFAX says all that a range might mean."""
    flow: Flow = Flow.RTS_CTS
    """The flow control it has after a reset."""
    flow_commands: Mapping[str, Flow] = field(default_factory=lambda: FLOW_COMMANDS)
    """The commands that set it; any other of their kind is ERROR."""
    stored: str = ""
    """A command line, without AT, that each reset ends with: what somebody has left in its memory."""
    buffer: int = 1024
    """Octets that it can hold for the line."""
    reaction: float = 0.003
    """Seconds from the end of a command line to its execution."""
    quirks: Quirks = field(default_factory=Quirks)


MODELS: Mapping[str, Model] = {
    "generic": Model(),
    "conexant": Model(
        maker="CONEXANT",
        name="CX93001",
        revision="V0.2002-V92",
        identity={0: "56000", 3: "CX93001-EIS_V0.2002-V92"},
        classes=("0", "1", "1.0", "8"),
        quirks=Quirks(turn_off=TURN_OFF),
    ),
    "conexant-stick": Model(
        maker="CONEXANT",
        name="CX93001",
        identity={0: "56000", 3: "CX93001-EIS_V0.2002-V92"},
        classes=("0", "1", "1.0"),
        quirks=Quirks(turn_off=TURN_OFF, pause_loses_carrier=True),
    ),
    "lucent": Model(
        maker="Agere Systems",
        name="LT V.92",
        identity={0: "LT V.92 1.0 MT5634ZBA-V92 Data/Fax Modem Version 1.31c", 3: "LT V.92 1.0"},
        quirks=Quirks(
            turn_off=TURN_OFF,
            deaf_after_connect=0.4,
            frh_takes_any_carrier=True,
            refuses=frozenset({"+FBUG"}),
            fax=FaxQuirks(received_reversed=IN_CLASS_2, host_sends_rtc=True),
        ),
    ),
    "usr": Model(
        maker="U.S. Robotics",
        name="USR5637",
        identity={0: "5601", 3: "U.S. Robotics 56K FAX USB V1.2.23"},
        classes=("0", "1", "2.0"),
        resolutions=0x01,
        quirks=Quirks(
            turn_off=TURN_OFF,
            fclass_resets_flow=True,
            pauses=Pauses.FRS_RESETS,
            refuses=frozenset({"+FAP"}),
            fax=FaxQuirks(
                bare_reports=frozenset({"+FNF"}),
                decimal_page_status=True,
                host_sends_rtc=True,
                loses_page_after_rtn=True,
                not_down_to=7200,
            ),
        ),
    ),
    "rockwell": Model(
        maker="ROCKWELL",
        name="AC/V34",
        revision="V1.410-V34_DP",
        identity={0: "28800", 3: "V1.410-V34_DP"},
        classes=("0", "1", "2"),
        quirks=Quirks(
            turn_off=TURN_OFF,
            refuses=frozenset({"+FBUG", "+FAP"}),
            fax_report="FAX",
            data_report="DATA",
            data_waits=True,
            fax=FaxQuirks(starts_on=b"\x12", received_reversed=IN_CLASS_2, quality=Quality.GARBAGE),
        ),
    ),
    "rockwell-19200": Model(
        maker="ROCKWELL",
        name="RC144AC",
        revision="V1.200-V32_DP",
        identity={0: "14400", 3: "V1.200-V32_DP"},
        classes=("0", "1", "2"),
        quirks=Quirks(
            turn_off=TURN_OFF,
            refuses=frozenset({"+FAP"}),
            fax=FaxQuirks(
                received_reversed=IN_CLASS_2,
                quality=Quality.GARBAGE,
                speed_at_answer=19200,
                flow_at_answer=Flow.XON_XOFF,
            ),
        ),
    ),
    "microcom": Model(
        maker="Microcom",
        name="DeskPorte FAST+",
        identity={0: "2884", 3: "DeskPorte FAST+"},
        classes=("0", "1", "2.0"),
        quirks=Quirks(turn_off=TURN_OFF, fax=FaxQuirks(quality=Quality.GARBAGE)),
    ),
    "davicom": Model(
        maker="DAVICOM",
        name="DM560",
        identity={0: "DM560", 3: "DAVICOM"},
        classes=("0", "1", "2"),
        quirks=Quirks(
            turn_off=TURN_OFF,
            refuses=frozenset({"+FAP", "+FBUG", "+FTBC", "+FSPL", "+FCQ"}),
            fax=FaxQuirks(received_reversed=IN_CLASS_2, claims=frozenset({"MR", "MMR"})),
        ),
    ),
    "iaxmodem": Model(
        maker="www.soft-switch.org",
        name="spandsp",
        revision="0.0.5",
        identity={0: "spandsp", 3: "www.soft-switch.org"},
        classes=("0", "1", "1.0"),
        quirks=Quirks(turn_off=TURN_OFF, deaf_after_connect=0.4, caller_id=("NMBR={number}", "NAME={name}")),
    ),
}
