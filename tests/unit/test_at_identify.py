"""What modems answer to questions about themselves, in all the ways in which they write it."""

import pytest

from faxhw.at.identify import classes_in, numbers_in


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("0,1,1.0,2,2.0,2.1,8", ("0", "1", "1.0", "2", "2.0", "2.1", "8")),
        ("(0,1,2)", ("0", "1", "2")),
        ("+FCLASS: (0-2)", ("0", "1", "2")),
        ('"0, 1, 1.0"', ("0", "1", "1.0")),
        ("0,1,1", ("0", "1")),
        ("", ()),
        ("ERROR", ()),
    ],
)
def test_classes(text: str, classes: tuple[str, ...]) -> None:
    assert classes_in(text) == classes


@pytest.mark.parametrize("text", ["24,48,72", "(24,48,72)", "+FRM: 24, 48, 72"])
def test_numbers(text: str) -> None:
    assert numbers_in(text) == (24, 48, 72)
