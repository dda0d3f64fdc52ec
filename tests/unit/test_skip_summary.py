"""The closing section of a test run that skipped something."""

from __future__ import annotations

from tests.conftest import summary


def test_reasons_are_counted_and_packages_gathered() -> None:
    lines = summary(
        [
            "Skipped: libspandsp.so.2 is not installed: Debian package libspandsp2",
            "Skipped: libspandsp.so.2 is not installed: Debian package libspandsp2",
            "Skipped: there is no efax here: Debian package efax",
            "Skipped: needs a modem",
        ]
    )
    assert lines == [
        "2 skipped: libspandsp.so.2 is not installed: Debian package libspandsp2",
        "1 skipped: needs a modem",
        "1 skipped: there is no efax here: Debian package efax",
        "To run them: apt-get install efax libspandsp2",
    ]


def test_nothing_to_install_is_not_told() -> None:
    assert summary(["Skipped: needs a modem"]) == ["1 skipped: needs a modem"]
