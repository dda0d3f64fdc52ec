"""Profiles of the user's own: where they stand, what they come before, and what becomes of broken ones."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from faxhw.at.library import (
    PACKAGE,
    check,
    choose,
    fitting,
    library,
    parse,
    profiles,
    read_library,
    user_directories,
)
from faxhw.at.profile import ProfileError, Sayings
from faxhw.at.profile_text import as_toml, comment
from faxhw.errors import UsageError
from faxhw.modem.wishes import read

MINE = """
[mine]
base = "generic"
description = "A modem of mine"
match = [{ ati3 = "CX93001" }]
[mine.class1]
silence_after_receiving = "host"
"""
CLASSES = ("1.0", "1")


def test_the_users_own_come_first_and_build_on_the_packages(user_profiles: Path) -> None:
    (user_profiles / "mine.toml").write_text(MINE, encoding="utf-8")
    profile, reason = choose(Sayings(ati3="CX93001"))
    assert (profile.name, reason) == ("mine", "ATI3 'CX93001'")
    assert profile.set_up == profiles()["generic"].set_up
    assert profile.class1.silence_after_receiving == "host"
    assert library().origins["mine"] == str(user_profiles / "mine.toml")
    assert library().origins["generic"] == PACKAGE
    assert read("class1", {"profile": "mine"}, CLASSES).profile is profile


def test_a_profile_of_the_packages_may_be_replaced_and_built_upon(user_profiles: Path) -> None:
    text = (
        '["usr-2.0"]\nbase = "usr-2.0"\ndescription = "x"\nmatch = [{ maker = "robotics" }]\nspeed = 38400\n'
    )
    (user_profiles / "usr.toml").write_text(text, encoding="utf-8")
    found = fitting(Sayings(maker="U.S. Robotics"), "2.0")
    assert found is not None
    assert found[0].speed == 38400
    assert found[0].class2.host_sends_rtc


def test_the_first_of_two_of_one_name_wins(tmp_path: Path) -> None:
    for number, name in enumerate(("own", "system")):
        (tmp_path / name).mkdir()
        text = MINE.replace("of mine", f"number {number}")
        (tmp_path / name / "x.toml").write_text(text, encoding="utf-8")
        (tmp_path / name / "x.txt").write_text("no profile", encoding="utf-8")
    found = read_library((tmp_path / "own", tmp_path / "system", tmp_path / "none"))
    assert found.profiles["mine"].description == "A modem number 0"
    assert not found.problems
    assert next(iter(found.profiles)) == "mine"


def test_where_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for relative in ("", "not/absolute"):
        monkeypatch.setenv("XDG_CONFIG_HOME", relative)
        assert user_directories()[0] == tmp_path / ".config" / "faxhw" / "profiles"


BROKEN = {
    "[mine": "it is not TOML",
    MINE + "silence = 1\n": "profile mine: class1: unknown key silence",
    MINE.replace("base", "speeed"): "profile mine: unknown key speeed; did you mean speed?",
    MINE.replace("generic", "nobody"): "profile mine: base = 'nobody': there is no such profile",
    MINE.replace("{ ati3", "{ ati9"): "profile mine: match: unknown key ati9; did you mean ati",
    MINE.replace('{ ati3 = "CX93001" }', "{}"): "profile mine: match: a rule without a key",
    MINE.replace("CX93001", "("): "profile mine: match: ati3 = '(': no regular expression",
    MINE.replace('ati3 = "CX93001"', 'usb = "modem"'): "profile mine: match: usb = 'modem': give vendor",
    MINE.replace(
        "[mine.class1]", 'speed = "fast"\n[x]'
    ): "profile mine: speed = 'fast': wrong type, give a whole",
    MINE.replace("[mine.class1]", "classes = []\n[x]"): "profile mine: classes = []: there must be one",
    MINE.replace(
        "[mine.class1]", 'flow = "odd"\n[x]'
    ): "profile mine: flow = 'odd': wrong type, give one of none",
    MINE.replace("[mine.class1]", 'hang_up = "\\r"\n[x]'): "profile mine: '\\r': no AT command has such",
    MINE.replace(
        "[mine.class1]", "reset_delay = nan\n[x]"
    ): "profile mine: reset_delay = nan: it must be a number",
    MINE.replace("[mine.class1]", "class2 = 3\n[x]"): "profile mine: class2 = 3: it must be a table",
    'mine = "x"\n': "profile mine: it must be a table, [mine], and is 'x'",
}


@pytest.mark.parametrize(("text", "complaint"), BROKEN.items(), ids=range(len(BROKEN)))
def test_a_broken_one_is_left_out_and_told_of_once(
    user_profiles: Path, caplog: pytest.LogCaptureFixture, text: str, complaint: str
) -> None:
    file = user_profiles / "broken.toml"
    file.write_text(text, encoding="utf-8")
    (user_profiles / "sound.toml").write_text(MINE.replace("[mine", "[sound"), encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert choose(Sayings(ati3="CX93001"))[0].name == "sound"
        assert choose(Sayings(ati0="spandsp"))[0].name == "iaxmodem"
    told = [each for each in caplog.messages if "broken.toml: " + complaint in each]
    assert len(told) == 1
    assert "\n" not in told[0]
    with pytest.raises(UsageError, match=r"broken\.toml"):
        read("class1", {"profile": "mine"}, CLASSES)
    with pytest.raises(ProfileError, match=r"broken\.toml"):
        check(file)


def test_a_file_that_cannot_be_read(user_profiles: Path) -> None:
    (user_profiles / "binary.toml").write_bytes(b"\xff\xfe")
    (user_profiles / "directory.toml").mkdir()
    assert [each.file.name for each in library().problems] == ["binary.toml", "directory.toml"]
    assert "generic" in profiles()


def test_every_shipped_profile_is_the_same_once_written_and_read() -> None:
    for name, profile in profiles().items():
        assert parse(as_toml(profile)) == {name: profile}


def test_comments_hold_nothing_that_ends_them() -> None:
    assert comment(["a\rb\n[c]", "\x7f"]) == "# ab[c]\n#\n"
