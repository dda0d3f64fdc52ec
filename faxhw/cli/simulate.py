"""``faxhw simulate``: virtual modems and CAPI controllers for any fax program on this host, by whichever
driver lends them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import cast

from faxhw.cli.shell import Exit, Shell, say
from faxhw.device import SimulatedCapi, Simulator
from faxhw.errors import DeviceError, UsageError
from faxhw.finding import load_driver

DRIVER = "sim"
DEFAULT_MODEMS = ("100", "200")
DEFAULT_HOST = "127.0.0.1"


def simulate(
    shell: Shell, modems: Sequence[str], capi: Sequence[str], link_dir: Path | None, speed: float
) -> Exit:
    """Run virtual modems and controllers until an interrupt, which is the ordinary end and not told as a
    failure."""
    wanted = _modems(modems if modems or capi else DEFAULT_MODEMS)
    controllers = [_controller(text) for text in capi]
    driver = load_driver(DRIVER)
    if not hasattr(driver, "simulate"):
        raise DeviceError(f"the driver {DRIVER!r} that is installed has no virtual modems to lend")

    def ready(paths: list[tuple[str, str]]) -> None:
        if shell.json:
            found = {"modems": dict(paths[: len(wanted)])}
            shell.result(found | ({"capi": dict(paths[len(wanted) :])} if controllers else {}))
        else:
            say("\n".join(f"{number} {path}" for number, path in paths))

    with suppress(KeyboardInterrupt):
        cast(Simulator, driver).simulate(
            wanted, controllers=controllers, ready=ready, link_dir=link_dir, speed=speed
        )
    return Exit.INTERRUPTED


def _modems(modems: Sequence[str]) -> dict[str, tuple[str, ...]]:
    wanted: dict[str, tuple[str, ...]] = {}
    for text in modems:
        number, _, classes = text.partition(":")
        if number in wanted:
            raise UsageError(f"--modem {text}: there is a modem {number} already; give each its own number")
        wanted[number] = tuple(filter(None, (each.strip() for each in classes.split(","))))
    return wanted


def _controller(text: str) -> SimulatedCapi:
    """What ``[HOST:]PORT[=NUMBER,...]`` asks for."""
    place, _, numbers = text.partition("=")
    host, _, port = place.rpartition(":")
    if not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise UsageError(f"--capi {text}: {port!r} is no port: give [HOST:]PORT or [HOST:]PORT=NUMBER,NUMBER")
    if int(port) == 0 and not numbers:
        raise UsageError(f"--capi {text}: name the controller's numbers, as in --capi {text}=5031")
    named = tuple(each.strip() for each in numbers.split(",")) if numbers else (port,)
    return SimulatedCapi(named, host.strip("[]") or DEFAULT_HOST, int(port))
