"""Starts receiving to a file by its name alone, and waits for the end.

Usage: faxhw run scripts/apps/reference/start_by_file_name.py /dev/ttyACM0
"""

from logging import Logger

from faxhw import Channel
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
    if channel.FaxReceiver.start(filename=file_man.path("my_fax.tif")):
        cause = channel.FaxReceiver.wait_until_finished()
        if cause == channel.FaxReceiver.Cause.NORMAL:
            print("the fax job ended normally")
        elif cause == channel.FaxReceiver.Cause.NOTFAX:
            print("the caller was not a fax machine")
        else:
            print("the fax job failed")
