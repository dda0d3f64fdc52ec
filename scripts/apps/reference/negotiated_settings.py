"""Prints what the two ends have settled on, while the first page comes in.

Usage: faxhw run scripts/apps/reference/negotiated_settings.py /dev/ttyACM0
"""

from logging import Logger

from faxhw import Channel, FaxToReceive, Hangup
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
    channel.FaxReceiver.start(FaxToReceive(file_man.path("my_fax.tif")))
    negotiated_settings = channel.FaxReceiver.wait_for_negotiated_settings()
    if negotiated_settings == {}:
        raise Hangup(f"fax receiver returned {channel.FaxReceiver.cause()}")
    for setting, value in negotiated_settings.items():
        print(f"{setting:>15.15} : {value}")
    channel.FaxReceiver.wait_until_finished()
