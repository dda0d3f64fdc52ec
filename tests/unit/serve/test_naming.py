"""The names of received faxes: whatever the caller says of itself."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from faxhw.errors import UsageError
from faxhw.serve.naming import DEFAULT, MOST_OCTETS, SIDECAR, check_pattern, names

FIELDS = {
    "date": "2025-06-02",
    "time": "120000",
    "line": "front",
    "caller": "+49301234",
    "called": "",
    "name": "Müller & Söhne",
    "id": "0" * 32,
}


def first(pattern: str, count: int = 1, **fields: str) -> list[str]:
    check_pattern(pattern)
    return list(itertools.islice(names(pattern, {**FIELDS, **fields}), count))


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (DEFAULT, ["2025-06-02-120000-front-+49301234.tif", "2025-06-02-120000-front-+49301234-2.tif"]),
        ("{name} to {called}.tiff", ["Müller_Söhne to unknown.tiff", "Müller_Söhne to unknown-2.tiff"]),
        ("fax{number:04}.tif", ["fax0001.tif", "fax0002.tif"]),
        ("{number}-{number}.tif", ["1-1.tif", "2-2.tif"]),
        ("a{{b}}.tif", ["a{b}.tif", "a{b}-2.tif"]),
    ],
)
def test_names(pattern: str, found: list[str]) -> None:
    assert first(pattern, 2) == found


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("../../etc/passwd", "etc_passwd"),
        ("a\0b\nc\x1b[31m", "a_b_c_31m"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("", "unknown"),
        ("///", "unknown"),
        ("\udcff\u202e1", "1"),
        ("é" * 100, "é" * 20),
    ],
)
def test_what_is_kept_of_a_text(told: str, kept: str) -> None:
    assert first("{name}.tif", name=told) == [f"{kept}.tif"]


PATTERNS = st.lists(
    st.sampled_from(
        [*(f"{{{field}}}" for field in FIELDS), "{number}", "{number:08}", "-", "x", " ", "ü", "{{"]
    ),
    max_size=12,
).map(lambda parts: "".join(parts) + ".tif")
TEXTS = st.text(st.characters(), max_size=300)


@given(PATTERNS, TEXTS, TEXTS, TEXTS)
def test_any_name_is_one_name_in_the_directory(pattern: str, caller: str, called: str, name: str) -> None:
    try:
        check_pattern(pattern)
    except UsageError:
        assume(False)
    found = first(pattern, 20, caller=caller, called=called, name=name)
    assert len(set(found)) == 20
    folder = Path("/in")
    for each in found:
        assert len(os.fsencode(each + SIDECAR)) <= MOST_OCTETS
        assert Path(os.path.normpath(folder / each)).parent == folder
        assert each.isprintable()
        assert not each.startswith((".", "-"))
        assert each.endswith(".tif")
        assert each != ".tif"
