"""Options that contradict each other: refused, by name, before a signal is sent.

Usage: faxhw run scripts/apps/reference/inconsistent_options.py /dev/ttyACM0 NUMBER FILE
"""

from logging import Logger

from faxhw import Channel, Error, FaxToSend, Hangup
from faxhw.applications import FileManager


def main(
    channel: Channel,
    application_instance_id: str,
    file_man: FileManager,
    my_log: Logger,
    application_parameters: str,
) -> None:
    number, name = application_parameters.split()
    if channel.call(number) != channel.State.ANSWERED:
        raise Hangup(f"{number} did not answer: {channel.cause()}")
    fax_options = {"v17": "NO", "MinDataRate": "14400"}
    sender = channel.FaxSender
    if sender.start(FaxToSend(file_man.path(name)), fax_options=fax_options) is False:
        if sender.cause() == sender.Cause.INCONSISTENT_OPTIONS:
            raise Error(f"This combination of options is not allowed: {sender.Details.failed_option!r}")
        raise Error(f"the fax did not start: {sender.cause()}")
    sender.wait_until_finished()
