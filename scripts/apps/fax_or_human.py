"""Receives from a fax; from a person it hangs up at once, and notes the number for calling back.

Usage: faxhw run scripts/apps/fax_or_human.py /dev/ttyACM0 [SECONDS]

A modem that has voice class listens for SECONDS (10) first: who speaks hears no fax tone. Any other finds out
by trying: no fax answers its tone, and the cause is NOTFAX. Try ``sim:voice?model=conexant`` for the one,
``sim:voice`` for the other.
"""

from logging import Logger

from faxhw import Channel, Error, FaxToReceive, Hangup
from faxhw.applications import FileManager


def main(
    channel: Channel,
    application_instance_id: str,
    file_man: FileManager,
    my_log: Logger,
    application_parameters: str,
) -> None:
    patience = float(application_parameters or 10)
    channel.wait_for_call()
    if channel.answer() != channel.State.ANSWERED:
        raise Hangup("the caller has gone")

    if channel.listen(patience) in ("VOICE", "DATA"):
        call_back(channel, file_man)
    fax = FaxToReceive(file_man.path(f"{application_instance_id}.tif"))
    cause = channel.FaxReceiver.receive(fax)
    if cause == channel.FaxReceiver.Cause.NOTFAX:
        call_back(channel, file_man)
    if cause != channel.FaxReceiver.Cause.NORMAL:
        raise Error(f"the fax ended with {cause}: {channel.FaxReceiver.Details.raw_cause_text}")
    my_log.info("%s: %d pages", fax.path.name, len(fax.PageDetails))


def call_back(channel: Channel, file_man: FileManager) -> None:
    """Note who called, and end the call."""
    call = channel.Details
    with file_man.path("call-back.txt").open("a", encoding="utf-8") as notes:
        notes.write(f"{call.started:%Y-%m-%d %H:%M} {call.call_from or 'unknown'} {call.far_end_type}\n")
    raise Hangup("the caller is not a fax machine")
