"""What is known of a fax job while it runs and after: ``FaxDetails``, live.

One thread, the job's, writes; any thread reads. Dictionaries are replaced, never changed in place, so what
a reader holds stays whole.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import ItemsView, Mapping
from datetime import datetime
from typing import Protocol

from faxhw.terms import Parameters


class NegotiatedSettings(dict[str, object]):
    """What the two ends settled; empty if they settled nothing."""

    def iteritems(self) -> ItemsView[str, object]:
        """The items, by the name that the documented examples use."""
        return self.items()

    @classmethod
    def of(cls, parameters: Parameters, remote_id: str) -> NegotiatedSettings:
        """The settings of a DCS under their public names."""
        return cls(
            Modem=str(parameters.modulation.family),
            DataRate=parameters.modulation.rate,
            ECM=parameters.ecm,
            Compression=str(parameters.coding),
            Resolution=str(parameters.resolution),
            HighRes=parameters.resolution.y > 150,
            PageWidth=str(parameters.width),
            PageLength=str(parameters.length),
            MinScanTime=parameters.min_scan_time,
            RemoteId=remote_id,
        )


class Named(Protocol):
    """A channel, as far as details need one."""

    @property
    def name(self) -> str: ...


class FaxDetails:
    """Details of one fax job, filled in as the fax progresses; safe to read from any thread."""

    fax_standard = "T.30"

    def __init__(self, channel: Named, logger: logging.Logger) -> None:
        self._logger = logger
        self.ID = uuid.uuid4().hex
        """Unique to this fax."""
        self.line = channel.name
        """The device string of the line that the fax is on."""
        self.received = False
        """Whether the fax is, or was to be, received; else it is sent."""
        self.file = ""
        """The document's path."""
        self.options: dict[str, str] = {}
        """The options in force, defaults among them."""
        self.failed_option: dict[str, object] = {}
        """The options that could not be set, as they were given."""
        self.pages = 0
        """Pages safely received, or confirmed by the far end, so far."""
        self.page_octets = 0
        """Octets so far of the page that is being received or sent; 0 between pages."""
        self.page_size = 0
        """Octets that the page being sent has in all; 0 where nobody knows."""
        self.last_page = False
        """No more pages will be handled; says nothing of success."""
        self.negotiated = NegotiatedSettings()
        self.raw_cause = ""
        """The fax hang-up status code as hexadecimal text such as ``0x11``; empty until the job has ended."""
        self.raw_cause_text = ""
        """The same in one sentence."""
        self.remote_id = ""
        self.remote_capabilities: Mapping[str, object] = {}
        self.sub_address = ""
        self.nsf = b""
        """The far end's non-standard facilities, as they came."""
        self.remote_maker = ""
        """What that field tells of the far end's maker, and text that stands in it; empty if nothing."""
        self.other_frames: Mapping[str, bytes] = {}
        """What other optional frames said (``TSA``, ``CSA``, ``IRA`` …), by their names; as it came."""
        self.started: datetime | None = None
        self.ended: datetime | None = None

    def update(self, **news: object) -> None:
        """Set attributes by name; each must exist. The job's alone."""
        for name, value in news.items():
            if not hasattr(self, name):
                raise AttributeError(f"FaxDetails has no {name}")
            setattr(self, name, value)
        self._logger.debug("%s: %s", self.line, news)
