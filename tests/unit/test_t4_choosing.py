"""The smallest coding for a page: exact for pages of text and lines, close for dense ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.t4.choosing import smallest
from faxhw.t4.encode import encode_page
from faxhw.t4.rows import Row
from faxhw.terms import Coding
from tests.pages import page_bitmap

MH, MR, MMR = Coding
DENSE = [("photo", 1728, 400), ("noise", 2432, 400), ("checkerboard", 1728, 300), ("mixed", 1728, 1300)]


def sizes(rows: list[Row], width: int, codings: list[Coding], k: int, min_row_bits: int) -> dict[Coding, int]:
    return {
        coding: len(encode_page(rows, coding, width, k=k, min_row_bits=min_row_bits)) for coding in codings
    }


ROWS = st.lists(st.lists(st.integers(0, 299), max_size=20).map(lambda each: tuple(sorted(set(each)))))


@given(
    ROWS,
    st.sets(st.sampled_from(list(Coding)), min_size=1),
    st.integers(-1, 5),
    st.sampled_from([0, 40, 200]),
)
def test_the_smallest_of_those_allowed(
    rows: list[Row], allowed: set[Coding], k: int, min_row_bits: int
) -> None:
    chosen = smallest(rows, 300, allowed, k=k, min_row_bits=min_row_bits)
    assert chosen.octets == sizes(rows, 300, sorted(allowed), k, min_row_bits)
    assert chosen.octets[chosen.coding] == min(chosen.octets.values())
    assert chosen.data == encode_page(rows, chosen.coding, 300, k=k, min_row_bits=min_row_bits)


@pytest.mark.parametrize(
    ("kind", "allowed", "best"),
    [
        ("text", [MH, MR, MMR], MMR),
        ("form", [MH, MR], MR),
        ("noise", [MH, MR, MMR], MH),
        ("checkerboard", [MR, MH], MR),
        ("blank", [MH, MR, MMR], MMR),
        ("text", [MH], MH),
    ],
)
def test_what_is_best_for_which_page(kind: str, allowed: list[Coding], best: Coding) -> None:
    assert smallest(page_bitmap(kind, 1728, 200).rows, 1728, allowed).coding is best


def test_fill_counts_and_the_simpler_coding_is_preferred() -> None:
    """Where fill makes every row as long as any other, MR has nothing over MH."""
    rows = page_bitmap("blank", 1728, 80).rows
    assert smallest(rows, 1728, [MH, MR]).coding is MR
    chosen = smallest(rows, 1728, [MH, MR], min_row_bits=96)
    assert chosen.coding is MH
    assert chosen.octets[MH] == (80 * 96 + 72) // 8
    assert smallest(rows, 1728, [MH, MMR], min_row_bits=96).coding is MMR


@pytest.mark.parametrize(("kind", "width", "height"), DENSE)
@pytest.mark.parametrize("k", [2, 4, 1000])
@pytest.mark.parametrize("allowed", [[MH, MR], [MH, MR, MMR], [MMR]], ids=str)
def test_dense_pages_are_as_small_within_some_hundredths(
    kind: str, width: int, height: int, k: int, allowed: list[Coding]
) -> None:
    rows = page_bitmap(kind, width, height).rows
    assert sum(map(len, rows)) > 250_000
    true = sizes(rows, width, allowed, k, 0)
    chosen = smallest(rows, width, allowed, k=k)
    assert chosen.data == encode_page(rows, chosen.coding, width, k=k)
    assert len(chosen.data) == chosen.octets[chosen.coding] <= 1.03 * min(true.values())
    for coding in allowed:
        assert 0.8 * true[coding] < chosen.octets[coding] < 1.25 * true[coding]


def test_a_pattern_that_repeats_does_not_hide_from_the_sample() -> None:
    """Every fourth row is dense: a regular sample would see it always or never."""
    dense = tuple(range(0, 1728, 3))
    rows: list[Row] = [dense if number % 4 == 3 else () for number in range(2400)]
    true = sizes(rows, 1728, list(Coding), 4, 0)
    chosen = smallest(rows, 1728, list(Coding))
    assert len(chosen.data) <= 1.03 * min(true.values())


def test_something_must_be_allowed() -> None:
    with pytest.raises(ValueError, match="coding"):
        smallest([()], 1728, [])
