"""Stops a fax that has begun.

Usage: faxhw run scripts/apps/reference/stop.py /dev/ttyACM0
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
        stopped = channel.FaxReceiver.stop()
        print(f"stopped: {stopped}, {channel.FaxReceiver.cause()}")
