"""Hours of the week: how they are written, over midnight, over a week's end, and when clocks are changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.errors import UsageError
from faxhw.serve.hours import DAYS, Hours


@pytest.fixture(autouse=True, scope="module")
def _in_berlin() -> Iterator[None]:
    """A zone that changes its clocks: on at 2025-03-30 02:00, back at 2025-10-26 03:00."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "CET-1CEST,M3.5.0,M10.5.0/3"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


def at(day: str, clock: str) -> datetime:
    """A moment of the week from Monday, 2 June 2025, by the local clock."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2025, 6, 2 + DAYS.index(day), hour, minute).astimezone()


@pytest.mark.parametrize(
    ("text", "open_at", "closed_at"),
    [
        ("Mon-Fri 08:00-18:00", ["Mon 08:00", "Fri 17:59"], ["Mon 07:59", "Fri 18:00", "Sat 12:00"]),
        ("Sat 22:00-02:00", ["Sat 22:00", "Sun 01:59"], ["Sat 21:59", "Sun 02:00", "Sun 23:00"]),
        ("Sun 22:00-02:00", ["Sun 23:00", "Mon 01:00"], ["Mon 02:00", "Tue 01:00"]),
        ("Fri-Mon 09:00-10:00", ["Fri 09:00", "Sun 09:30", "Mon 09:59"], ["Tue 09:30", "Thu 09:30"]),
        ("sat, SUN", ["Sat 00:00", "Sun 23:59"], ["Fri 23:59", "Mon 00:00"]),
        ("Mon,Wed-Thu 8:00-24:00", ["Mon 23:59", "Wed 08:00", "Thu 08:00"], ["Tue 09:00", "Thu 00:00"]),
        ("22:00-06:00", ["Wed 23:00", "Mon 05:59"], ["Wed 12:00", "Mon 06:00"]),
        ("Mon 18:00-00:00", ["Mon 23:59"], ["Tue 00:00"]),
    ],
)
def test_when_it_is_open(text: str, open_at: list[str], closed_at: list[str]) -> None:
    hours = Hours.parse([text])
    moments = [*open_at, *closed_at]
    assert [each for each in moments if hours.open_at(at(*each.split()))] == open_at
    elsewhere = [each for each in moments if hours.open_at(at(*each.split()).astimezone(UTC))]
    assert elsewhere == open_at, "the zone that a moment is given in makes no difference"


def test_without_hours_it_is_always_open() -> None:
    now = at("Sun", "03:00")
    assert Hours.parse([]).open_at(now)
    assert Hours.parse([]).next_opening(now) == now


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "are no hours: write them such as 'Mon-Fri 08:00-18:00'"),
        ("Mon-Fri 8-18", "are no hours: write them"),
        ("Mo-Fr 08:00-18:00", "'Mo' is none of Mon, Tue"),
        ("Mon-Wed-Fri 08:00-18:00", "'Mon-Wed-Fri' is none of Mon"),
        ("Mon 25:00-26:00", "there is no 25:00"),
        ("Mon 08:60-09:00", "there is no 08:60"),
        ("Mon 08:00-24:01", "there is no 24:01"),
        ("Mon 08:00-08:00", "they begin and end at once; leave the times out for a day"),
        ("Mon 24:00-08:00", "they begin and end at once"),
    ],
)
def test_what_are_no_hours(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Hours.parse(["Sun", text])


def test_where_clocks_are_put_on_what_is_left_out_does_not_open() -> None:
    night = datetime(2025, 3, 30, 0, 0).astimezone()
    hours = Hours.parse(["Sun 02:15-02:45"])
    opening = hours.next_opening(night)
    assert (opening.date().isoformat(), f"{opening:%H:%M}") == ("2025-04-06", "02:15")
    eight = Hours.parse(["08:00-09:00"]).next_opening(night)
    assert eight.isoformat() == "2025-03-30T08:00:00+02:00", "by the clock of the day that it opens on"


def test_where_clocks_are_put_back_it_opens_twice() -> None:
    hours = Hours.parse(["Sun 02:15-02:45"])
    first = hours.next_opening(datetime(2025, 10, 26, 0, 0).astimezone())
    second = hours.next_opening(first + timedelta(minutes=40))
    assert second - first == timedelta(hours=1)


MINUTES = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
SPANS = st.builds(
    lambda first, last, begin, end: f"{first}-{last} {begin}-{end}",
    st.sampled_from(DAYS),
    st.sampled_from(DAYS),
    MINUTES,
    MINUTES,
).filter(lambda text: text.split()[1].split("-")[0] != text.split("-")[-1])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - see there
MINUTE = timedelta(minutes=1)


@given(st.lists(SPANS, min_size=1, max_size=3), MOMENTS)
def test_the_next_opening_is_open(texts: list[str], moment: datetime) -> None:
    hours = Hours.parse(texts)
    opening = hours.next_opening(moment)
    assert hours.open_at(opening)
    assert (opening == moment) == hours.open_at(moment)
    assert timedelta(0) <= opening - moment <= timedelta(days=14)


@given(st.lists(SPANS, min_size=1, max_size=3), st.integers(0, 6 * 24 * 60), st.data())
def test_there_is_no_earlier_one(texts: list[str], minute: int, data: st.DataObject) -> None:
    hours, moment = Hours.parse(texts), at("Mon", "00:00") + minute * MINUTE
    closed = (hours.next_opening(moment) - moment) // MINUTE
    if closed:
        before = data.draw(st.integers(0, closed - 1))
        assert not hours.open_at(moment + before * MINUTE)
        assert not hours.open_at(moment + (closed - 1) * MINUTE)
