"""The four things that a station can be on a call: which procedure it runs, by who called and who sends."""

from __future__ import annotations

from faxhw.t30 import answering, calling
from faxhw.t30.line import Procedure
from faxhw.terms import Settings


def receiving(settings: Settings, *, dialled: bool) -> Procedure:
    """The procedure of a station that receives: who answered is sent a fax, who ``dialled`` has to poll."""
    return calling.poll(settings) if dialled else answering.answer(settings)


def sending(settings: Settings, *, dialled: bool) -> Procedure:
    """The procedure of a station that sends: who ``dialled`` does it, who answered waits to be polled."""
    return calling.call(settings) if dialled else answering.hold_ready(settings)
