"""Starts receiving with an option set from within the script.

Usage: faxhw run scripts/apps/reference/receive_high_resolution.py /dev/ttyACM0
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
    my_fax = FaxToReceive(file_man.path("my_fax.tif"))
    started = channel.FaxReceiver.start(my_fax, fax_options={"HighRes": "YES"})
    print(f"started: {started}")
    channel.FaxReceiver.wait_until_finished()
