"""Starts receiving, and is free to do something else until the fax has ended.

Usage: faxhw run scripts/apps/reference/start_and_wait.py /dev/ttyACM0
"""

from logging import Logger

from faxhw import Channel, FaxToReceive
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
    my_fax = FaxToReceive()
    my_fax.set_file_name(file_man.path("my_inbound_fax.tif"))
    if not channel.FaxReceiver.start(my_fax):
        print(f"the fax job did not start: {channel.FaxReceiver.cause()}")
        return
    print("receiving")  # or whatever else there is to do meanwhile
    cause = channel.FaxReceiver.wait_until_finished()
    if cause == channel.FaxReceiver.Cause.NORMAL:
        print("the fax job ended normally")
    elif cause == channel.FaxReceiver.Cause.NOTFAX:
        print("the caller was not a fax machine")
    else:
        print("the fax job failed")
