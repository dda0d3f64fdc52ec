"""A modem that was only asked is left as it was found: class 0, its own flow control, echo as it was.

What else was set goes by a reset to the modem's stored settings: those that it has when it is switched on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from faxhw.at.chat import Chat
from faxhw.at.identify import ASK_WAIT, ask
from faxhw.errors import PortError
from faxhw.modem.meeting import Meeting

_FLOWS = (
    # Asked, what of the answer tells, the command that sets it so.
    ("&V", re.compile(r"&K(\d)"), "&K{}"),
    ("&V", re.compile(r"&H(\d).*?&I(\d).*?&R(\d)"), "&H{}&I{}&R{}"),
    ("&V", re.compile(r"\\Q(\d)"), r"\Q{}"),
    ("+IFC?", re.compile(r"(\d) ?, ?(\d)"), "+IFC={},{}"),
    ("+FLO?", re.compile(r"\b(\d)\b"), "+FLO={}"),
)
_RESET_WAIT = 5.0


@contextmanager
def left_as_found(meeting: Meeting) -> Iterator[None]:
    """Whatever is asked meanwhile. Raises ``DeviceError`` if nobody answers to begin with."""
    meeting.attend()
    chat = meeting.chat
    echoed = chat.echoed
    flow = _flow(chat)
    try:
        yield
    finally:
        _restore(chat, f"E{int(echoed)}", flow)


def _flow(chat: Chat) -> str:
    """The command for the flow control that the modem has; empty if it does not say."""
    answers: dict[str, str] = {}
    for question, pattern, command in _FLOWS:
        if question not in answers:
            answers[question] = ask(chat, question)
        if found := pattern.search(answers[question]):
            return command.format(*found.groups())
    return ""


def _restore(chat: Chat, echo: str, flow: str) -> None:
    try:
        chat.command("+FCLASS=0", ASK_WAIT)
        chat.accept_numeric(True)
        chat.command("Z", _RESET_WAIT)
        if flow:
            chat.command(flow, ASK_WAIT)
        chat.command(echo, ASK_WAIT)
    except PortError:  # it was pulled out; whoever asked has been told
        pass
