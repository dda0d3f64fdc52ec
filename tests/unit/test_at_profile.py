"""Profiles: the shipped ones are sound, what is wrong is named, and matches hold."""

import re

import pytest

from faxhw.at.library import GENERIC, choose, fitting, parse, profiles
from faxhw.at.profile import ProfileError, Sayings, Step
from faxhw.at.profile_text import as_toml
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
        # field notes B1 and B2
        ("LT V.92 1.0 MT5634ZBA-V92 Data/Fax Modem Version 1.31c", "", "", "lucent-mt"),
        ("", "Mainpine CFAX34 V.92", "", "mainpine"),
        ("28800", "V1.410-V34_DP", "", "rc288dpi-1"),
        ("28800", "Version 2.0", "", GENERIC),  # Hayes Optima
        ("", "Digi RAS modem 2.0", "", "digi"),
        ("Eicon ISDN Modem", "", "", "eicon"),
        ("T38FAX", "", "", "t38modem"),
        ("Linux ISDN", "", "", "topic"),
        ("149", "", "", "intel-400e"),
        ("1.02", "", "", "cirrus"),
        ("V.92/V.44", "DUXBURY", "", "ip568x"),
        ("144", "AT&T DataPort", "", "att-dataport"),
        ("144", "UMC92144", "", GENERIC),
        ("1496", "", "", "zyxel-1"),
        ("288", "", "", "gvc-288"),
        ("960", "", "", "uds"),
        ("2882", "", "", "tricom"),
        ("242", "", "", GENERIC),  # Tornado, Nuvo or Cisco
    ],
)
def test_the_profile_that_fits(ati0: str, ati3: str, usb: str, name: str) -> None:
    assert choose(Sayings(ati0=ati0, ati3=ati3, usb=usb))[0].name == name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (Sayings(maker="EVEREX"), "everex-2496d"),
        (Sayings(maker="EXAR 9540"), "exar"),
        (Sayings(maker="Telebit", model="WorldBlazer"), "telebit-wb"),
        (Sayings(maker="Telebit", model="QBlazer"), "telebit-qblazer"),
        (Sayings(maker="Telebit", model="T3000"), "telebit"),
        (Sayings(ati0="288"), "gvc-288-2"),
        (Sayings(model="PC144IVSP"), "prometheus"),
        (Sayings(maker="SIERRA"), "sierra"),
        (Sayings(model="CCUSBIXX"), "umc92144"),
        (Sayings(ati0="9624"), "umc9624"),
        (Sayings(maker="E-TECH"), "e-tech"),
    ],
)
def test_the_profile_that_fits_in_class_2(said: Sayings, name: str) -> None:
    found = fitting(said, "2")
    assert found is not None
    assert found[0].name == name


def test_facts_of_the_field_notes() -> None:
    of = profiles()
    assert of["digi"].class1.wrong_carrier_retries == 0
    assert of["intel-400e"].class1.silence_before_sending == "host"
    assert of["uds"].flow is Flow.XON_XOFF
    assert of["ip568x"].speed == of["mainpine"].speed == 57600
    assert of["mainpine"].class1.connect_to_any_carrier
    assert of["telebit-qblazer"].class2.xon_wait == 0.0
    assert of["telebit-wb"].reset_delay == 3.2
    assert "?+FBOR=2" in of["everex-2496d"].class2.set_up
    assert of["umc92144"].class2.fax_speed == 19200


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


def test_an_adaptive_answer_is_a_profile_s_own_for_each_class() -> None:
    text = '[mine]\ndescription = "x"\nset_up = ["E0"]\n[mine.class1]\nadaptive_answer = "+FAA=1"\n'
    own = parse(text)["mine"]
    assert (own.class1.adaptive_answer, own.class2.adaptive_answer) == ("+FAA=1", "")
    assert parse(as_toml(own))["mine"] == own


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
        (SOUND + "[generic.class1]\nadaptive_answer = true\n", "adaptive_answer = True: wrong type"),
        (SOUND + '[generic.class1]\nadaptive_answer = "+FAA=1\\r"\n', "no AT command has such characters"),
        (SOUND + '[generic.class2]\nadaptive_answer = "+FAA=1\\r"\n', "no AT command has such characters"),
        (SOUND + 'match = [{ ati9 = "x" }]\n', "unknown key ati9"),
    ],
)
def test_a_profile_that_is_wrong_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ProfileError, match=re.escape(complaint)):
        parse(text)
