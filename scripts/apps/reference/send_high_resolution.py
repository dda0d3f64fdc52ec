"""Sends a fax in high resolution.

Usage: faxhw run scripts/apps/reference/send_high_resolution.py /dev/ttyACM0 NUMBER FILE
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
    cause = channel.FaxSender.send(my_fax, fax_options={"HighRes": "YES"})
    print(f"the fax job ended with {cause}")
