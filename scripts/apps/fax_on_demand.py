"""Fax on demand: who calls and polls gets the document that is held ready.

Usage: faxhw run scripts/apps/fax_on_demand.py /dev/ttyACM0 FILE [PASSWORD]

A caller who has dialled digits after the answer, which modems with voice class hear, gets DIGITS.tif instead,
if there is one. With PASSWORD only callers who give it get anything. Try ``sim:polling``.
"""

from logging import Logger

from faxhw import Channel, Error, FaxToSend, Hangup
from faxhw.applications import FileManager

LISTEN = 8.0
"""Seconds for dialling digits."""


def main(
    channel: Channel,
    application_instance_id: str,
    file_man: FileManager,
    my_log: Logger,
    application_parameters: str,
) -> None:
    name, *password = application_parameters.split()
    FaxToSend(file_man.path(name)).check()  # before anybody's call is answered for nothing
    channel.wait_for_call()
    if channel.answer() != channel.State.ANSWERED:
        raise Hangup("the caller has gone")

    channel.listen(LISTEN)
    wanted = f"{channel.Details.digits.strip('*#')}.tif"
    if file_man.exists(wanted):
        name = wanted
    cause = channel.FaxSender.send(
        FaxToSend(file_man.path(name)), fax_options={"Password": "".join(password)}
    )
    details = channel.FaxSender.Details
    if cause == channel.FaxSender.Cause.NOTFAX:
        raise Hangup("the caller is not a fax machine")
    if cause != channel.FaxSender.Cause.NORMAL:
        raise Error(f"{name} was not fetched, {cause}: {details.raw_cause_text}")
    my_log.info("%s: %d pages to %s", name, details.pages, details.remote_id or channel.Details.call_from)
