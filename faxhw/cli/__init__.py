"""The ``faxhw`` shell command.

``commands`` has the words (arguments, options, help texts), a module a command has the deeds and is imported
when its command is given; ``shell`` has what all of them share. Nothing else in the package imports this.
"""

from __future__ import annotations

import sys
import warnings
from typing import NoReturn


def main() -> NoReturn:
    """The entry point of the ``faxhw`` script."""
    try:
        # What Pillow thinks of a file, we say in a line of our own.
        warnings.filterwarnings("ignore", module=r"PIL\.")
        from faxhw.cli.commands import faxhw  # noqa: PLC0415 - ``import faxhw.cli`` needs no click
        from faxhw.cli.shell import execute  # noqa: PLC0415

        code: int = execute(faxhw, sys.argv[1:])
    except KeyboardInterrupt:  # before the commands take care of it themselves
        code = 130
    sys.exit(code)
