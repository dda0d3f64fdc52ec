"""``faxhw devices``, ``faxhw probe`` and ``faxhw options``: what there is to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from faxhw import device as device_module
from faxhw.cli.shell import Exit, Shell, driver_options, print_list, say
from faxhw.device import DeviceInfo
from faxhw.fax.options import OPTIONS


def devices(shell: Shell) -> Exit:
    """List what is plugged in."""
    found = device_module.devices()
    if shell.json:
        rows = [{**asdict(each), "in_use": each.in_use} for each in found]
        return shell.result({"devices": rows})
    if not found:
        say("no device found: is the modem plugged in, and may this user read its port?")
    print_list((each.device, _told(each)) for each in found)
    return Exit.NORMAL


def probe(shell: Shell, device: str, device_options: Sequence[str]) -> Exit:
    """Ask a device what it is."""
    report = device_module.probe(device, **driver_options(device_options))
    if shell.json:
        return shell.result(asdict(report))
    print_list(
        (
            ("device", report.device),
            ("driver", report.driver),
            ("class", report.fclass or "none"),
            ("profile", f"{report.profile}: {report.reason}"),
            ("classes", ", ".join(report.classes) or "it does not say"),
            ("modulations", ", ".join(report.modulations) or "it does not say"),
            *report.identity.items(),
            *(("warning", warning) for warning in report.warnings),
        )
    )
    return Exit.NORMAL


def options(shell: Shell) -> Exit:
    """Print the table of fax options."""
    if shell.json:
        rows = [
            {"name": each.name, "values": each.kind.text, "default": each.default, "help": each.help}
            for each in OPTIONS
        ]
        return shell.result({"options": rows})
    print_list(
        (each.name, f"{each.help}: {each.kind.text} (default: {each.default or 'empty'})") for each in OPTIONS
    )
    return Exit.NORMAL


def _told(it: DeviceInfo) -> str:
    """What is known of a device, sentence by sentence."""
    facts = (
        _joined(it.description, it.maker, it.model, it.usb_id),
        it.profile and f"profile {it.profile}",
        it.stable_path and f"stable path {it.stable_path}",
        it.kernel_driver and f"kernel driver {it.kernel_driver}",
        it.used_by and f"in use by {', '.join(it.used_by)}",
        *it.notes,
    )
    return ". ".join(each for each in facts if each)


def _joined(*parts: str) -> str:
    return ", ".join(dict.fromkeys(filter(None, parts)))
