#!/usr/bin/env python3
"""Writes the USB ids of faxhw/modem/known.toml into udev/70-faxhw.rules: after a change of that table."""

from pathlib import Path

from faxhw.host.rules import with_ids
from faxhw.modem.known import table

rules = Path(__file__).parents[1] / "udev" / "70-faxhw.rules"
rules.write_text(with_ids(rules.read_text(encoding="utf-8"), table().usb), encoding="utf-8")
