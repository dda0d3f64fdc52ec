"""The pages of overheard calls: which of them are one page, what they are worth, and what is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from faxhw.errors import StorageError
from faxhw.fax.documents import FaxToReceive, Quality
from faxhw.fax.overhearing import judged, store
from faxhw.t4.rows import Row
from faxhw.t30.overheard import Fate, OverheardPage
from faxhw.terms import Coding, Family, Modulation, Parameters, SignalFigures

from .fax_bench import coded, stored_rows, with_bad_rows

PARAMETERS = Parameters(Modulation(Family.V29, 9600))
REFUSED, CONFIRMED, UNANSWERED = Fate.REFUSED, Fate.CONFIRMED, Fate.UNANSWERED


def letter(number: int, rows: int = 60) -> list[Row]:
    """A page with the letterhead of all the others."""
    head: list[Row] = [(row, 1000 + row) for row in range(rows // 4)]
    return head + [(number + row, 40 * number + 2 * row) for row in range(rows // 4, rows)]


def page(
    data: bytes, fate: Fate = CONFIRMED, *, call: int = 1, ended: bool = True, intact: bool = False
) -> OverheardPage:
    return OverheardPage(
        call=call,
        time=10.0,
        seconds=4.0,
        channel=0,
        parameters=PARAMETERS,
        data=data,
        intact=intact,
        ended=ended,
        fate=fate,
        repetitions=2,
        sender="+1 555 0100",
        signal=SignalFigures(-20.0, 25.0),
    )


def test_what_is_known_of_a_page() -> None:
    [kept] = judged([page(coded(letter(1)))])
    details = kept.details
    assert (details.number, details.receive_quality, details.confirmed) == (1, Quality.GOOD, True)
    assert (details.width, details.length, details.resolution) == (1728, 60, "204x98")
    assert (details.compression, details.data_rate, details.seconds) == (Coding.MH, 9600, 4.0)
    assert (details.signal_level, details.signal_quality, details.retransmissions) == (-20.0, 25.0, 2)


@pytest.mark.parametrize("again", [coded(letter(1)), coded(letter(1)[5:])])
def test_a_refused_page_that_comes_again_is_one_page(again: bytes) -> None:
    [kept] = judged([page(coded(letter(1)[:40]), REFUSED), page(again)])
    assert kept.heard.fate is CONFIRMED
    assert kept.details.length > 40
    assert kept.details.retransmissions == 3


def test_the_better_of_the_two_is_kept() -> None:
    [kept] = judged([page(with_bad_rows(1), REFUSED), page(with_bad_rows(20), REFUSED)])
    assert kept.details.bad_rows == 1


def test_a_refused_page_that_is_followed_by_another_is_kept() -> None:
    kept = judged([page(coded(letter(1)), REFUSED), page(coded(letter(2)))])
    assert [each.details.confirmed for each in kept] == [False, True]


def test_pages_that_are_the_same_and_were_confirmed_are_two() -> None:
    assert len(judged([page(coded(letter(1)))] * 2)) == 2


@pytest.mark.parametrize("first", [b"", coded([()] * 60)])
def test_a_refused_page_without_ink(first: bytes) -> None:
    """Of which nothing was seen, the next one is the same; of a white one, another white one is."""
    after = first or coded(letter(1))
    assert len(judged([page(first, REFUSED), page(after)])) == 1
    assert len(judged([page(coded([()] * 60), REFUSED), page(coded(letter(1)))])) == 2


def test_a_page_of_another_call_is_another_page() -> None:
    kept = judged([page(coded(letter(1)), REFUSED), page(coded(letter(1)), call=2)])
    assert [each.details.number for each in kept] == [1, 2]


def test_complete_is_what_was_heard_to_its_end() -> None:
    whole, cut = coded(letter(1)), coded(letter(1))[:200]
    kept = judged([page(whole, ended=False), page(cut), page(cut, UNANSWERED, ended=False), page(b"")])
    assert [(each.readable, each.complete) for each in kept] == [
        (True, True),
        (True, True),
        (True, False),
        (False, False),
    ]
    assert [each.details.receive_quality for each in kept][2:] == [Quality.BAD, Quality.BAD]


def test_what_is_readable_is_stored(tmp_path: Path) -> None:
    document = FaxToReceive(tmp_path / "fax.tif")
    kept = judged([page(coded(letter(1))), page(b""), page(coded(letter(2, 40)), UNANSWERED, ended=False)])
    assert store(kept, document) == 2
    assert stored_rows(document) == [60, 40]
    assert [each.number for each in document.PageDetails] == [1, 3]


def test_nothing_is_touched_without_a_page(tmp_path: Path) -> None:
    assert store(judged([page(b"")]), FaxToReceive(tmp_path / "fax.tif")) == 0
    assert not (tmp_path / "fax.tif").exists()


def test_a_file_that_is_not_to_be_replaced(tmp_path: Path) -> None:
    (tmp_path / "fax.tif").write_bytes(b"precious")
    with pytest.raises(StorageError, match="exists already"):
        store(judged([page(coded(letter(1)))]), FaxToReceive(tmp_path / "fax.tif", replace=False))
