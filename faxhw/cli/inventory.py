"""``faxhw devices``, ``faxhw probe`` and ``faxhw options``: what there is to choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from faxhw import finding
from faxhw.cli.shell import Exit, Shell, driver_options, print_list, say
from faxhw.errors import StorageError
from faxhw.fax.options import OPTIONS
from faxhw.modem.drafting import draft
from faxhw.reports import DeviceInfo, ProbeReport


def devices(shell: Shell) -> Exit:
    """List what is plugged in."""
    found = finding.devices()
    if shell.json:
        rows = [{**asdict(each), "in_use": each.in_use} for each in found]
        return shell.result({"devices": rows})
    if not found:
        say("no device found: is the modem plugged in, and may this user read its port?")
    print_list((each.device, _told(each)) for each in found)
    return Exit.NORMAL


def probe(
    shell: Shell, device: str, device_options: Sequence[str], save: Path | None = None, *, force: bool = False
) -> Exit:
    """Ask a device what it is; ``save`` is a file for a profile made of the answers."""
    if save is not None and save.exists() and not force:
        raise StorageError(f"{save} is there already: name another file, or give --force to replace it")
    report = finding.probe(device, **driver_options(device_options))
    saved = "" if save is None else _save(report, save, force=force)
    if shell.json:
        return shell.result(asdict(report) | ({"saved": str(save), "saved_profile": saved} if saved else {}))
    for heading, rows in _chapters(report):
        if told := [(name, text) for name, text in rows if text]:
            say(heading)
            print_list(told)
    if saved:
        say(f"{save}: profile {saved}; put it into ~/.config/faxhw/profiles to have it chosen")
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


def _save(report: ProbeReport, file: Path, *, force: bool) -> str:
    """Write a profile made of a report; its name."""
    made = draft(report)
    try:
        with file.open("w" if force else "x", encoding="utf-8") as stream:
            stream.write(made.text)
    except OSError as error:
        raise StorageError(f"{file} cannot be written: {error.strerror or error}") from error
    return made.name


_DOES_NOT_SAY = "it does not say"


def _chapters(it: ProbeReport) -> Iterable[tuple[str, Sequence[tuple[str, str]]]]:
    """A report for people: headings, and what there is to say below each.

    A card has no profile, and was not asked what a modem is.
    """
    no, unknown = ("none", _DOES_NOT_SAY) if it.profile else ("", "")
    voice = "8" in it.classes_taken and (it.lists.get("+VSM") or "yes")
    flow = [f"{'takes' if taken else 'refuses'} {command}" for command, taken in it.flow_taken.items()]
    yield it.device, [*it.identity.items()]
    yield (
        "Fax",
        [
            ("driver", it.driver),
            ("class", it.fclass or no),
            ("profile", it.profile and f"{it.profile}: {it.reason}"),
            ("because", "" if it.profile else it.reason),
            ("classes", ", ".join(it.classes) or unknown),
            ("taken", ", ".join(it.classes_taken)),
            ("modulations", ", ".join(it.modulations) or unknown),
            ("frame check", it.frame_check),
            *((command, said or "refused") for command, said in it.lists.items()),
        ],
    )
    yield (
        "Line",
        [
            ("speed", f"{it.speed} bit/s" if it.speed else ""),
            ("answers in", "" if it.turnaround is None else f"{1000 * it.turnaround:.1f} ms"),
            ("flow control", "; ".join(filter(None, [it.flow, ", ".join(flow)]))),
            ("caller ID", it.caller_id or no),
            ("voice", voice or (no and "no")),
            ("no answer to", ", ".join(it.unanswered)),
        ],
    )
    yield "What is wrong, and what to do", [*_advice(it)]


def _advice(it: ProbeReport) -> Iterable[tuple[str, str]]:
    if not it.findings:
        yield "-", "nothing is wrong, as far as can be seen without a call"
    for number, each in enumerate(it.findings, 1):
        yield f"{number}.", ": ".join(filter(None, [each.what, each.remedy]))
