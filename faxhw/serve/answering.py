"""A call that rings: whether it is answered, and what is done with it then.

What has the call is the line's inbox, which stores the fax, or its application, which does as it likes. In
either case the line is released in the end, and what came is written down for the hooks before anything else
happens.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from faxhw import applications
from faxhw.channel import Channel
from faxhw.clock import Clock
from faxhw.errors import DeviceError, Error, Hangup, StorageError
from faxhw.serve.callers import Act, decide
from faxhw.serve.hooks import Event, Spool
from faxhw.serve.inbox import Store
from faxhw.serve.posts import Duty, Words
from faxhw.serve.settings import Application, Inbox, OnReject

log = logging.getLogger("faxhw.serve")

_RING_LOOK = 2.0
"""Seconds between looks at a call that is let ring."""


class Answering:
    """What a line does with the calls that come."""

    def __init__(self, duty: Duty, clock: Clock, report: Callable[[Words], None]) -> None:
        self._line = duty.line
        self._clock = clock
        self._report = report
