"""The README's fenced blocks, for the tests that run them.

A ``console`` block has commands after ``$``; a word after the language names the block (a ``python`` block is
then the file of that name).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
_FENCE = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    language: str
    name: str
    text: str

    @property
    def commands(self) -> list[str]:
        """What a shell would be given."""
        return [line.removeprefix("$ ") for line in self.text.splitlines() if line.startswith("$ ")]


def blocks(language: str) -> list[Block]:
    """The blocks in a language, in order."""
    found = (Block(*match) for match in _FENCE.findall(README.read_text(encoding="utf-8")))
    return [block for block in found if block.language == language]
