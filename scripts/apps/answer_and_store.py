"""Answers a call and stores the fax under the time, the caller's number and a name of its own.

Usage: faxhw run scripts/apps/answer_and_store.py /dev/ttyACM0 [OPTION=VALUE ...]

The options are those of ``faxhw options``, such as ECM=NO. Pages that were confirmed to the caller stay even
where the fax failed later.
"""

import shlex
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
    options = dict(each.partition("=")[::2] for each in shlex.split(application_parameters))
    channel.wait_for_call()
    if channel.answer() != channel.State.ANSWERED:
        raise Hangup("the caller has gone")

    call = channel.Details
    caller = "".join(filter(str.isalnum, call.call_from)) or "unknown"
    name = f"{call.started:%Y%m%d-%H%M%S}-{caller}-{application_instance_id[:8]}.tif"
    fax = FaxToReceive(file_man.path(name))
    cause = channel.FaxReceiver.receive(fax, fax_options=options)

    details = channel.FaxReceiver.Details
    my_log.info("%s: %d pages from %s, %s", name, details.pages, details.remote_id or caller, cause)
    if cause != channel.FaxReceiver.Cause.NORMAL:
        raise Error(f"the fax ended with {cause}: {details.raw_cause_text or details.failed_option}")
