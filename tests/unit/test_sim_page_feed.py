"""A page from a DTE to the line: what the line gets is the same page, however slowly it came."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.hdlc import bits, pack
from faxhw.t4.codes import EOL
from faxhw.t4.decode import DecodedPage, PageDecoder
from faxhw.t4.encode import encode_page
from faxhw.terms import Coding, Family, Modulation, Parameters
from faxhw_drivers.sim.modem.class2.feed import PageFeed
from tests.pages import page_bitmap

V17 = Modulation(Family.V17, 14400)
PAGE = page_bitmap("text", rows=60)
BLANK = page_bitmap("blank", rows=60)
LINE_CODINGS = pytest.mark.parametrize("coding", [Coding.MH, Coding.MR])
RTC = {Coding.MH: EOL * 6, Coding.MR: (EOL + "1") * 6}


def fed(parameters: Parameters, data: bytes, cuts: list[int], *, own_rtc: bool = True) -> bytes:
    """What the line gets of data that come in pieces of so many octets, between which it asks for more than
    there is."""
    feed = PageFeed(parameters, lambda: None, own_rtc=own_rtc)
    pieces, line = iter(feed), b""
    for size in cuts:
        feed.feed(data[:size])
        data = data[size:]
        line += b"".join(next(pieces) for _ in range(5))
    feed.feed(data)
    feed.end()
    while not feed.all_taken:
        line += next(pieces)
    feed.close()
    return line + b"".join(pieces)


def decoded(octets: bytes, coding: Coding) -> DecodedPage:
    decoder = PageDecoder(coding, PAGE.width)
    decoder.feed(octets)
    return decoder.finish()


@LINE_CODINGS
@pytest.mark.parametrize("page", [PAGE, BLANK], ids=["text", "blank"])
@pytest.mark.parametrize("finish", [True, False], ids=["RTC", "no RTC"])
@given(cuts=st.lists(st.integers(0, 200), max_size=12))
def test_fill_stands_where_it_does_no_harm(
    coding: Coding, page: object, finish: bool, cuts: list[int]
) -> None:
    rows = (PAGE if page is PAGE else BLANK).rows
    data = encode_page(rows, coding, PAGE.width, finish=finish)
    found = decoded(fed(Parameters(V17, coding), data, cuts), coding)
    assert found.rows == rows
    assert (found.report.bad_rows, found.report.complete) == (0, True)


@LINE_CODINGS
@pytest.mark.parametrize("finish", [True, False], ids=["RTC", "no RTC"])
def test_one_rtc_is_sent_whether_the_dte_sends_it_or_not(coding: Coding, finish: bool) -> None:
    data = encode_page(PAGE.rows, coding, PAGE.width, finish=finish)
    line = bits(fed(Parameters(V17, coding), data, []))
    assert line.count(RTC[coding]) == 1
    assert line.rstrip("0").endswith(RTC[coding])


@LINE_CODINGS
def test_rtc_may_be_the_hosts_business(coding: Coding) -> None:
    for finish in (True, False):
        data = encode_page(PAGE.rows, coding, PAGE.width, finish=finish)
        assert fed(Parameters(V17, coding), data, [], own_rtc=False) == data


@LINE_CODINGS
def test_rows_are_filled_up_to_the_least_time_of_a_row(coding: Coding) -> None:
    data = encode_page(BLANK.rows, coding, BLANK.width)
    line = fed(Parameters(V17, coding, min_scan_time=0.020), data, [])
    assert len(line) >= 0.020 * 14400 / 8 * (len(BLANK.rows) - 2)
    assert decoded(line, coding).rows == BLANK.rows


def test_mmr_and_error_correction_have_flags_in_place_of_fill() -> None:
    data = encode_page(PAGE.rows, Coding.MMR, PAGE.width)
    parameters = Parameters(V17, Coding.MMR, ecm=True)
    feed = PageFeed(parameters, lambda: None)
    pieces = iter(feed)
    assert next(pieces) == b""
    feed.feed(data)
    feed.end()
    taken = b""
    while not feed.all_taken:
        taken += next(pieces)
    assert next(pieces) == b""
    feed.close()
    assert taken + b"".join(pieces) == data


def test_a_row_that_is_too_long_to_be_kept_goes_out_as_it_comes() -> None:
    feed = PageFeed(Parameters(V17), lambda: None)
    feed.feed(pack(EOL) + b"\xaa" * 2000)
    assert feed.ready > 1000
