"""Hangs up on a caller who is not a fax machine.

Usage: faxhw run scripts/apps/reference/not_a_fax.py /dev/ttyACM0
"""

from logging import Logger

from faxhw import Channel, Hangup
from faxhw.applications import FileManager


def main(
    channel: Channel,
    application_instance_id: str,
    file_man: FileManager,
    my_log: Logger,
    application_parameters: str,
) -> None:
    channel.wait_for_call()
    channel.answer()
    channel.FaxReceiver.start(filename=file_man.path("my_fax.tif"))
    cause = channel.FaxReceiver.wait_until_finished()
    if cause == channel.FaxReceiver.Cause.NOTFAX:
        raise Hangup("Hang up because caller is not a fax machine")
