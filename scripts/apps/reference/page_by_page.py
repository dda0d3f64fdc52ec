"""Prints the quality of each page as it comes in; then the cause tells whether all came.

Usage: faxhw run scripts/apps/reference/page_by_page.py /dev/ttyACM0
"""

from logging import Logger

from faxhw import Channel, Error, FaxToReceive
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
    my_fax = FaxToReceive(file_man.path("my_fax.tif"))
    channel.FaxReceiver.start(my_fax)
    while channel.FaxReceiver.Details.last_page is not True:
        pages = channel.FaxReceiver.wait_for_next_page()
        print(f"Received {pages} pages so far")
        print(f"Last received page quality: {my_fax.PageDetails[-1].receive_quality}")
    cause = channel.FaxReceiver.wait_until_finished()
    if cause != channel.FaxReceiver.Cause.NORMAL:
        raise Error(f"Fax receiver failed with cause {cause}")
