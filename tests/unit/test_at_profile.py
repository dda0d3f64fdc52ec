"""Profiles: the shipped ones are sound, what is wrong is named, and matches hold."""

import re

import pytest

from faxhw.at.library import GENERIC, choose, parse, profiles
from faxhw.at.profile import ProfileError, Sayings, Step
from faxhw.ports.base import Flow


def test_every_shipped_profile_can_set_up_every_flow() -> None:
    assert GENERIC in profiles()
    for profile in profiles().values():
        for flow in Flow:
            steps = profile.steps(flow)
            chosen = {choice.partition("&")[0] for step in steps for choice in step.choices}
            assert {f"+FCLASS={each}" for each in profile.classes} & chosen
            assert not any("{" in choice or "?" in choice for step in steps for choice in step.choices)
        for match in profile.match:
            assert match.ati0 or match.ati3 or match.maker or match.model or match.usb
            for pattern in (match.ati0, match.ati3, match.maker, match.model, match.revision):
                re.compile(pattern)


@pytest.mark.parametrize(
    ("ati0", "ati3", "usb", "name"),
    [
        ("56000", "CX93001-EIS_V0.2002-V92", "", "conexant-1.0"),
        ("", "", "0572:1329", "conexant-1.0"),
        ("spandsp", "www.soft-switch.org", "", "iaxmodem"),
        ("LT V.92 Data+Fax Modem Version 1.25", "", "", "lucent"),
        ("5601", "U.S. Robotics 56K FAX EXT V4.11.2", "", "usr-rts"),
        ("5601", "Acer clone", "", GENERIC),
        ("", "", "", GENERIC),
    ],
)
def test_the_profile_that_fits(ati0: str, ati3: str, usb: str, name: str) -> None:
    assert choose(Sayings(ati0=ati0, ati3=ati3, usb=usb))[0].name == name


@pytest.mark.parametrize(
    ("revision", "name"),
    [("0.0.6", "spandsp"), ("3.0.0", "spandsp"), ("0.0.5", "iaxmodem"), ("", "iaxmodem")],
)
def test_the_revision_tells_soft_modems_apart(revision: str, name: str) -> None:
    profile, reason = choose(Sayings(ati0="spandsp", ati3="www.soft-switch.org", revision=revision))
    assert profile.name == name
    assert ("revision" in reason) is (name == "spandsp")


def test_what_a_profile_does_not_say_comes_from_its_base() -> None:
    usr_xon, usr_rts = profiles()["usr-xon"], profiles()["usr-rts"]
    assert usr_xon.flow_commands == usr_rts.flow_commands
    assert usr_xon.class1.silence_after_receiving == "host"
    assert usr_xon.class1.silence_before_sending == "+FTS"
    assert not usr_xon.match


def test_steps() -> None:
    assert Step.of("?&K3") == Step(("&K3",), True)
    assert Step.of("+FCLASS=1.0|+FCLASS=1") == Step(("+FCLASS=1.0", "+FCLASS=1"), False)
    usr = profiles()["usr-rts"].steps(Flow.RTS_CTS)
    assert Step(("+FCLASS=1&H1&I0&R2", "+FCLASS=1"), False) in usr


SOUND = '[generic]\ndescription = "x"\nset_up = ["E0"]\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[generic", "not TOML"),
        (SOUND + "sped = 1\n", "unknown key sped"),
        ('[generic]\ndescription = "x"\n', "missing key set_up"),
        (SOUND + 'speed = "fast"\n', "speed = 'fast': wrong type"),
        (SOUND + 'flow = "maybe"\n', "maybe"),
        (SOUND + 'base = "nobody"\n', "no such profile"),
        (SOUND + 'base = "generic"\n', "circle"),
        (SOUND + '[generic.class1]\nfcs = "odd"\n', "fcs = 'odd': it must be one of auto, present, hidden"),
        (SOUND + 'match = [{ ati9 = "x" }]\n', "unknown key ati9"),
    ],
)
def test_a_profile_that_is_wrong_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ProfileError, match=re.escape(complaint)):
        parse(text)
