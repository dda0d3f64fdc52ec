"""Sends a fax; if that fails, prints the raw cause.

Usage: faxhw run scripts/apps/reference/raw_cause.py /dev/ttyACM0 NUMBER FILE
"""

from logging import Logger

from faxhw import Channel, FaxToSend, Hangup
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
    my_fax = FaxToSend(file_man.path(name))
    if channel.FaxSender.send(fax_to_send=my_fax) != channel.FaxSender.Cause.NORMAL:
        print(f"Fax failed with raw cause {channel.FaxSender.Details.raw_cause}")
