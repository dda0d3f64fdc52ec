"""``python -m faxhw``: the shell commands."""

from faxhw.cli import main

main()
