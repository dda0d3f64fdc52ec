"""Stores a fax and then tells a command of it, by a JSON object on its standard input.

Usage: faxhw run scripts/apps/store_and_notify.py /dev/ttyACM0 COMMAND [ARGUMENT ...]

The line is free again when the command runs. What it is told stays beside the fax, as ID.json, until it has
ended with 0: nothing is forgotten if it fails. It is told of failed faxes, too: see ``cause`` and ``pages``.
(``faxhw serve`` has this built in, with retries: ``[[hook]]``.)
"""

import json
import shlex
import subprocess
from logging import Logger

from faxhw import Channel, Error, FaxToReceive, Hangup, UsageError
from faxhw.applications import FileManager

PATIENCE = 60.0
"""Seconds for the command."""


def main(
    channel: Channel,
    application_instance_id: str,
    file_man: FileManager,
    my_log: Logger,
    application_parameters: str,
) -> None:
    command = shlex.split(application_parameters)
    if not command:
        raise UsageError("name the command that is to be told")
    channel.wait_for_call()
    if channel.answer() != channel.State.ANSWERED:
        raise Hangup("the caller has gone")
    fax = FaxToReceive(file_man.path(f"{application_instance_id}.tif"))
    cause = channel.FaxReceiver.receive(fax)
    channel.hang_up()

    details = channel.FaxReceiver.Details
    news = {
        "id": application_instance_id,
        "file": str(fax.path) if fax.PageDetails else None,
        "cause": cause,
        "raw_cause": details.raw_cause,
        "pages": len(fax.PageDetails),
        "caller": channel.Details.call_from,
        "remote_id": details.remote_id,
        "ended": details.ended.isoformat() if details.ended else None,
    }
    told = file_man.path(f"{application_instance_id}.json")
    told.write_text(json.dumps(news), encoding="utf-8")
    try:
        subprocess.run(command, input=told.read_bytes(), timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        raise Error(f"{told.name} is still to be told: {error}") from error
    told.unlink()
    my_log.info("told of %s: %s", fax.path.name, cause)
