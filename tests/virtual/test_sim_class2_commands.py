"""The virtual modem's answers to the commands of classes 2, 2.0 and 2.1, without a call."""

from __future__ import annotations

import pytest

from faxhw.t30.answering import answer
from faxhw.terms import Resolution, Settings
from faxhw_drivers.sim import Model, Quirks
from tests.virtual.class2 import in_class

CLASS_2 = [
    ("+FCLASS?", ["2", "OK"]),
    ("+FMFR?", ["faxhw", "OK"]),
    ("+FMDL?;+FREV?", ["Virtual Modem", "1", "OK"]),
    ("+FDCC=?", ["(0,1),(0-5),(0-2),(0-2),(0,1,3),(0-2),(0),(0-7)", "OK"]),
    ("+FDIS=?", ["(0,1),(0-5),(0-2),(0-2),(0,1,3),(0-2),(0),(0-7)", "OK"]),
    ("+FDCC?", ["1,5,0,2,0,0,0,0", "OK"]),
    ("+FDCC=1,3,,,1;+FDCC?;+FDIS?", ["1,3,0,2,1,0,0,0", "1,3,0,2,1,0,0,0", "OK"]),
    ("+FDIS=0;+FDIS?;+FDCC?", ["0,5,0,2,0,0,0,0", "1,5,0,2,0,0,0,0", "OK"]),
    ("+FDCC=1,6", ["ERROR"]),
    ("+FDCC=,,,,2", ["ERROR"]),
    ("+FDCC=x", ["ERROR"]),
    ("+FDCS?", ["0,0,0,0,0,0,0,0", "OK"]),
    ('+FLID="+1 555;&0100";+FCR=1;+FLID?', ['"+1 555;&0100"', "OK"]),
    ("+FLID=?", ["(20)(32-126)", "OK"]),
    ('+FLID="123456789012345678901"', ["ERROR"]),
    ('+FLID="1', ["ERROR"]),
    ('+FCIG="Fax de l\'Office";+FCIG?', ['"Fax de l\'Office"', "OK"]),
    ("+FCR=?;+FBOR=?;+FPHCTO=?", ["(0-1)", "(0-3)", "(0-255)", "OK"]),
    ("+FPHCTO?", ["30", "OK"]),
    ("+FCQ=1;+FBADLIN=5;+FBADMUL=20;+FCQ?", ["1", "OK"]),
    ("+FBUG=0;+FAP=0,0,0;+FTBC=0;+FREL=1;+FSPL=0;+FLPL=0;+FAA=1;+FMINSP=0", ["OK"]),
    ("+FCQ=3", ["ERROR"]),
    ("+FCQ=1,1", ["ERROR"]),
    ("+FBUF?", ["1024,768,256,0", "OK"]),
    ("+FAXERR?", ["0", "OK"]),
    ("+FPTS?;+FPTS=?;+FPTS=2;+FPTS?", ["1", "(1-5)", "2", "OK"]),
    ("+FDR", ["ERROR"]),
    ("+FDT", ["ERROR"]),
    ("+FDT=?", ["OK"]),
    ("+FET=2", ["ERROR"]),
    ("+FET=?", ["(0-2,4-6)", "OK"]),
    ("+FK", ["OK"]),
    ("+FCC?", ["ERROR"]),
    ("+FLI?", ["ERROR"]),
    ("+FNR=1,1,1,1", ["ERROR"]),
    ("+FJUNK=?", ["ERROR"]),
    ("+FTM=96", ["ERROR"]),
]
CLASS_2_0 = [
    ("+FMI?", ["faxhw", "OK"]),
    ("+FCC=?", ["(0-7F),(0-5),(0-2),(0-2),(0,1,3),(0-1),(0),(0-7)", "OK"]),
    ("+FCC?", ["1,5,0,2,0,0,0,0", "OK"]),
    ("+FCC=7F,5,2,2,3,1;+FCC?;+FIS?", ["7F,5,2,2,3,1,0,0", "7F,5,2,2,3,1,0,0", "OK"]),
    ("+FCC=80", ["ERROR"]),
    ("+FIS=0,3;+FIS?", ["0,3,0,2,0,0,0,0", "OK"]),
    ("+FCS?", ["0,0,0,0,0,0,0,0", "OK"]),
    ('+FLI="+1 555 0100";+FLI?', ['"+1 555 0100"', "OK"]),
    ('+FPI="1";+FPI=?', ["(20)(20-7E)", "OK"]),
    ('+FSA="22";+FPA="33";+FPW="44";+FPW?', ['"44"', "OK"]),
    ("+FCT=?;+FCT=3C;+FCT?", ["(0-FF)", "3C", "OK"]),
    ("+FCQ=?;+FCQ=2,2;+FCQ?", ["(0-2),(0-2)", "2,2", "OK"]),
    ("+FNR=?;+FNR=1,,1;+FNR?", ["(0-1),(0-1),(0-1),(0-1)", "1,1,1,1", "OK"]),
    ("+FBU=0;+FBO=0;+FEA=0;+FPP=0;+FIE=0;+FRY=4;+FLO=2;+FSP=0;+FLP=0;+FMS=0;+FAP=1,1,1", ["OK"]),
    ("+FRQ=5F,A;+FRQ?", ["5F,A", "OK"]),
    ("+FNS=0123 4567;+FNS?", ['"01234567"', "OK"]),
    ("+FNS=012", ["ERROR"]),
    ("+FBS?", ["1024,768,256,0", "OK"]),
    ("+FHS?", ["0", "OK"]),
    ("+FPS?", ["1", "OK"]),
    ("+FLI=1;+FCC=0;+FIP;+FLI?;+FCC?", ['""', "1,5,0,2,0,0,0,0", "OK"]),
    ("+FKS", ["OK"]),
    ("+FDCC?", ["ERROR"]),
    ("+FLID?", ["ERROR"]),
    ("+FMFR?", ["ERROR"]),
    ("+FK", ["ERROR"]),
]


@pytest.mark.parametrize(("command", "answer"), CLASS_2)
def test_class_2(command: str, answer: list[str]) -> None:
    assert in_class("2").dte.command(f"AT{command}") == answer


@pytest.mark.parametrize(("command", "answer"), CLASS_2_0)
@pytest.mark.parametrize("fclass", ["2.0", "2.1"])
def test_class_2_0(fclass: str, command: str, answer: list[str]) -> None:
    assert in_class(fclass).dte.command(f"AT{command}") == answer


def test_each_class_has_settings_of_its_own() -> None:
    modem = in_class("2.0")
    modem.say('+FLI="one"', "+FCLASS=2", '+FLID="two"', "+FCLASS=2.0")
    assert modem.dte.command("AT+FLI?;+FCLASS=2;+FLID?") == ['"one"', '"two"', "OK"]
    modem.say("Z")
    assert modem.dte.command("ATE0+FCLASS=2;+FLID?")[-2:] == ['""', "OK"]


def test_there_are_none_of_these_commands_in_other_classes() -> None:
    modem = in_class("2")
    for fclass in ("1", "1.0"):
        modem.say(f"+FCLASS={fclass}")
        for command in ("+FDCC=?", "+FLID?", "+FCC=?", "+FDR", "+FCR=1"):
            assert modem.dte.command(f"AT{command}") == ["ERROR"]


def test_in_class_0_the_values_of_class_2_can_be_set() -> None:
    modem = in_class("2")
    modem.say("+FCLASS=0", "+FAA=1;+FCR=1", "+FBOR=0", '+FLID="+1 555 0100"', "+FDCC=1,3,0,2,0,0,0,0")
    for command in ("+FCC=?", "+FLI?", "+FDR", "+FDT", "+FET=2"):
        assert modem.dte.command(f"AT{command}") == ["ERROR"]
    modem.say("+FCLASS=2")
    assert modem.dte.command("AT+FLID?;+FDCC?") == ['"+1 555 0100"', "1,3,0,2,0,0,0,0", "OK"]


def test_a_modem_without_class_2_has_none_of_its_values_in_class_0() -> None:
    modem = in_class("2.0", model=Model(classes=("0", "1", "2.0")))
    modem.say("+FCLASS=0")
    assert modem.dte.command("AT+FLID?") == ["ERROR"]


def test_a_class_that_the_modem_has_not_got() -> None:
    modem = in_class("2", quirks=Quirks())
    assert modem.dte.command("AT+FCLASS=2.2") == ["ERROR"]
    assert modem.dte.command("AT+FCLASS?") == ["2", "OK"]


def test_a_modem_may_have_fewer_resolutions() -> None:
    modem = in_class("2.0", model=Model(resolutions=0x07))
    assert modem.dte.command("AT+FCC=?")[0].startswith("(0-7),")
    modem.say("+FCC=7")
    assert modem.dte.command("AT+FCC=8") == ["ERROR"]
    modem.station.answer_with(lambda: answer(Settings(resolutions=frozenset(Resolution))))
    assert "+FIS:7,5,0,2,1,0,0,0" in modem.dialled()
