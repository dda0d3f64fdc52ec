#!/usr/bin/env python3
"""Writes the USB ids of faxhw's table into udev/70-faxhw.rules: after a change of that table."""

from pathlib import Path

from faxhw.host.rules import usb_modems, with_ids

rules = Path(__file__).parents[1] / "udev" / "70-faxhw.rules"
rules.write_text(with_ids(rules.read_text(encoding="utf-8"), usb_modems()), encoding="utf-8")
