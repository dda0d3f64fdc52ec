"""The documented contract of FaxReceiver as its users read it, and the examples that stand in it."""

from __future__ import annotations

import re
from pathlib import Path

_TEXT = Path(__file__).with_name("faxreceiver.txt")
_CODE = re.compile(r"\s+[^\s•]|#|if |elif |else:|for |while |print\(|[})]|[\w.]+ = |my_fax\.")
"""What a line of an example begins with, where prose does not; indented prose does, but is no Python."""


def examples() -> list[str]:
    """Every example of the text, in order, each as it is printed there."""
    blocks: list[list[str]] = [[]]
    for line in _TEXT.read_text(encoding="utf-8").splitlines():
        if _CODE.match(line):
            blocks[-1].append(line)
        elif not line:
            if blocks[-1]:
                blocks[-1].append(line)
        else:
            blocks.append([])
    return [text for block in blocks if (text := "\n".join(block).strip()) and _is_python(text)]


def _is_python(text: str) -> bool:
    try:
        compile(text, str(_TEXT), "exec")
    except SyntaxError:
        return False
    return True
