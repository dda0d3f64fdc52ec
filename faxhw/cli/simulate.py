"""``faxhw simulate``: virtual modems for any fax program on this host, by whichever driver lends them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

from faxhw.cli.shell import Exit, Shell, say
from faxhw.device import Simulator
from faxhw.errors import DeviceError, UsageError
from faxhw.finding import load_driver

DRIVER = "sim"
DEFAULT_MODEMS = ("100", "200")


def simulate(shell: Shell, modems: Sequence[str], link_dir: Path | None, speed: float) -> Exit:
    """Run virtual modems until an interrupt, which is the ordinary end and not told as a failure."""
    wanted = _parse(modems or DEFAULT_MODEMS)
    driver = load_driver(DRIVER)
    if not hasattr(driver, "simulate"):
        raise DeviceError(f"the driver {DRIVER!r} that is installed has no virtual modems to lend")

    def ready(paths: list[tuple[str, str]]) -> None:
        if shell.json:
            shell.result({"modems": dict(paths)})
        else:
            say("\n".join(f"{number} {path}" for number, path in paths))

    with suppress(KeyboardInterrupt):
        cast(Simulator, driver).simulate(wanted, ready=ready, link_dir=link_dir, speed=speed)
    return Exit.INTERRUPTED


def _parse(modems: Sequence[str]) -> dict[str, tuple[str, ...]]:
    wanted: dict[str, tuple[str, ...]] = {}
    for text in modems:
        number, _, classes = text.partition(":")
        if number in wanted:
            raise UsageError(f"--modem {text}: there is a modem {number} already; give each its own number")
        wanted[number] = tuple(filter(None, (each.strip() for each in classes.split(","))))
    return wanted
