"""The words of ``faxhw decode`` and ``record``: calls as sound."""

from __future__ import annotations

from pathlib import Path

import click

from faxhw.cli.common import device_option, fax_option, not_nan, speaking
from faxhw.cli.shell import Exit, Shell


@click.command()
@click.argument("recording", type=click.Path(path_type=Path), metavar="CALL.WAV")
@click.argument("file", type=click.Path(path_type=Path), metavar="[FAX.TIF]", required=False)
@click.option("--force", is_flag=True, help="Replace FAX.TIF if there is one.")
@speaking
@click.pass_obj
def decode(shell: Shell, *, recording: Path, file: Path | None, force: bool) -> Exit:
    """Make out the fax in a recorded call.

    CALL.WAV has 8000 samples a second, as PCM, A-law or mu-law; both ends on one channel, or each on its
    own. Printed are the exchange and the pages; FAX.TIF, if it is named, becomes a TIFF of the pages, as far
    as they came. It failed if none was complete.

    Example: faxhw decode call.wav fax.tif
    """
    from faxhw.cli import decode as deed

    return deed.decode(shell, recording, file, force=force)


@click.command()
@click.argument("device")
@click.argument("recording", type=click.Path(path_type=Path), metavar="CALL.WAV")
@click.option(
    "--fax",
    type=click.Path(path_type=Path),
    metavar="FAX.TIF",
    help="Receive a fax on the call, and store its pages there; without this the call is only listened to.",
)
@click.option(
    "--rings", type=click.IntRange(1, 20), default=1, show_default=True, help="Answer after so many rings."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    callback=not_nan,
    metavar="SECONDS",
    help="Give up if no call comes within so many seconds.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0, min_open=True),
    callback=not_nan,
    metavar="SECONDS",
    help="Without --fax: hang up after so many seconds of the call.",
)
@fax_option
@device_option
@click.option("--force", is_flag=True, help="Replace CALL.WAV and FAX.TIF if they are there.")
@speaking
@click.pass_obj
def record(
    shell: Shell,
    *,
    device: str,
    recording: Path,
    fax: Path | None,
    rings: int,
    timeout: float | None,
    seconds: float | None,
    options: tuple[str, ...],
    device_options: tuple[str, ...],
    force: bool,
) -> Exit:
    """Wait for a call on DEVICE, answer it, and keep its sound in CALL.WAV.

    The first channel is what was said here, the second what was heard. DEVICE is one that has the sound of
    its calls, such as a telephony card; a modem has not.

    Example: faxhw record dahdi:1 call.wav --fax fax.tif
    """
    from faxhw.cli import record as deed

    if fax is not None and seconds is not None:
        raise click.UsageError("give --seconds or --fax, not both: a fax ends by itself")
    if fax is None and options:
        raise click.UsageError("--option goes only with --fax")
    wishes = deed.Wishes(rings, timeout, seconds, options, device_options, force)
    return deed.record(shell, device, recording, fax, wishes)
