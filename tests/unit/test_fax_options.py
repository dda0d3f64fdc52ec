"""Fax options: every way to get them wrong, and what right ones come to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faxhw.fax.causes import Cause
from faxhw.fax.options import BY_NAME, OPTIONS, OptionError, choose
from faxhw.terms import Coding, Family, PageLength, PageWidth, Resolution, Settings

ABLE = Settings(
    codings=frozenset(Coding),
    resolutions=frozenset(Resolution),
    ecm=True,
    width=PageWidth.A3,
    poll=True,
    max_rate=33600,
)
PLAIN = Settings()


def refused(given_options: dict[str, object], device: Settings = PLAIN) -> OptionError:
    with pytest.raises(OptionError) as caught:
        choose(given_options, device)
    return caught.value


def test_every_default_is_a_value_of_its_kind() -> None:
    for option in OPTIONS:
        assert option.kind.accepts(option.default), option.name
        assert option.kind.text


@pytest.mark.parametrize("nothing", [None, {}])
def test_no_options_are_all_that_the_device_can_do(nothing: dict[str, object] | None) -> None:
    assert choose(nothing, PLAIN).settings == PLAIN
    chosen = choose(nothing, ABLE)
    assert chosen.settings.ecm
    assert Coding.MMR in chosen.settings.codings
    assert chosen.settings.width is PageWidth.A4
    assert set(chosen.values) == set(BY_NAME)


def test_what_the_device_cannot_do_is_not_in_force() -> None:
    values = choose({}, PLAIN).values
    assert (values["ECM"], values["MMRT6"], values["Poll"]) == ("NO", "NO", "NO")


def test_options_become_settings() -> None:
    chosen = choose(
        {
            "SubscriberId": "+44 1908 273800",
            "v17": "NO",
            "MaxDataRate": 7200,
            "MinDataRate": "4800",
            "HighRes": False,
            "MR2D": "NO",
            "MMRT6": "NO",
            "PageWidth": "B4",
            "PageLength": "A4",
            "SubAddress": "12#",
            "Password": "0000",
            "SelectivePolling": "7",
            "Poll": True,
            "NSF": "ad0055",
            "TrainingZeros": 900,
            "TrainingErrors": "5",
        },
        ABLE,
    )
    assert chosen.settings == Settings(
        ident="+44 1908 273800",
        families=frozenset({Family.V29, Family.V27TER}),
        min_rate=4800,
        max_rate=7200,
        resolutions=frozenset({Resolution.STANDARD, Resolution.DPI_200_100}),
        codings=frozenset({Coding.MH}),
        ecm=True,
        width=PageWidth.B4,
        length=PageLength.A4,
        sub_address="12#",
        password="0000",
        selective_polling="7",
        poll=True,
        nsf=b"\xad\0\x55",
        tcf_zeros=0.9,
        tcf_errors=0.05,
    )
    assert chosen.values["HighRes"] == "NO"
    assert chosen.values["MaxDataRate"] == "7200"


@pytest.mark.parametrize(
    "text", ["", "Ada Lovelace", "%Y-%m-%d  {from} {page}/{pages}", "Grüße, 日本", "x" * 100]
)
def test_header_texts(text: str) -> None:
    assert choose({"Header": text}, PLAIN).values["Header"] == text


def test_an_unknown_name_gets_the_nearest_known_one() -> None:
    error = refused({"HiRes": "YES", "v17": "PERHAPS"})
    assert error.cause is Cause.UNKNOWN_OPTION
    assert error.failed == {"HiRes": "YES"}
    assert "did you mean HighRes?" in str(error)


def test_a_name_like_no_other_is_unknown_all_the_same() -> None:
    assert "faxhw options" in str(refused({"xyzzy": 1}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("v17", "yes"),
        ("ECM", "PERHAPS"),
        ("ECM", 1),
        ("MinDataRate", "14401"),
        ("MinDataRate", True),
        ("MaxDataRate", 0),
        ("SubscriberId", "x" * 3),
        ("SubscriberId", "1" * 21),
        ("SubscriberId", "12\n"),
        ("PageWidth", "A5"),
        ("PageLength", ""),
        ("MaxPages", -1),
        ("MaxPercentBadLines", 101),
        ("MaxConsecBadLines", "many"),
        ("OnBadPage", "SHRUG"),
        ("Header", "two\nlines"),
        ("Header", "\x1b[2J"),
        ("Header", "\x9b2J"),
        ("Header", "\u202eevil"),
        ("Header", "\udcff"),
        ("Header", "x" * 101),
        ("SubAddress", "a"),
        ("T38", None),
    ],
)
def test_a_wrong_value(name: str, value: object) -> None:
    error = refused({name: value, "MR2D": "YES"}, ABLE)
    assert error.cause is Cause.UNKNOWN_VALUE
    assert error.failed == {name: value}
    assert name in str(error)


@pytest.mark.parametrize(
    ("offenders", "bystanders"),
    [
        ({"v17": "NO", "MinDataRate": "14400"}, {"HighRes": "YES"}),
        ({"v17": "NO", "MinDataRate": "12000"}, {"v29": "NO"}),
        ({"v17": "NO", "v29": "NO", "v27": "NO"}, {"MaxDataRate": "14400"}),
        ({"v17": "NO", "v29": "NO", "MinDataRate": "7200"}, {}),
        ({"v27": "NO", "MaxDataRate": "4800"}, {"v17": "YES"}),
        ({"MinDataRate": "9600", "MaxDataRate": "7200"}, {"v27": "NO"}),
        ({"MinDataRate": "16800"}, {"v29": "NO"}),
        ({"MMRT6": "YES", "ECM": "NO"}, {"MR2D": "YES"}),
        ({"ECM": "YES"}, {"MMRT6": "NO"}),
        ({"MMRT6": True}, {}),
        ({"PageWidth": "A3"}, {"PageLength": "B4"}),
        ({"Poll": "YES"}, {}),
    ],
)
def test_an_impossible_combination_names_just_the_offenders(
    offenders: dict[str, object], bystanders: dict[str, object]
) -> None:
    error = refused(bystanders | offenders)
    assert error.cause is Cause.INCONSISTENT_OPTIONS
    assert error.failed == offenders
    assert all(name in str(error) for name in offenders)


def test_the_most_is_a_limit_and_no_demand() -> None:
    chosen = choose({"MaxDataRate": 33600}, PLAIN)
    assert chosen.settings.max_rate == 14400
    assert chosen.values["MaxDataRate"] == "14400"


@pytest.mark.parametrize("device", [PLAIN, ABLE])
def test_a_least_rate_that_no_device_has_is_refused_in_a_word(device: Settings) -> None:
    assert "the device goes no faster than 14400 bit/s" in str(refused({"MinDataRate": "33600"}, device))


def test_a_device_may_have_fewer_modulations() -> None:
    slow = Settings(families=frozenset({Family.V27TER}))
    assert refused({"v17": "YES"}, slow).failed == {"v17": "YES"}
    assert refused({"v27": "NO"}, slow).failed == {"v27": "NO"}
    assert choose({"v17": "NO"}, slow).settings.families == {Family.V27TER}


def test_t38_does_not_fit_a_telephone_line() -> None:
    error = refused({"T38": "YES"}, ABLE)
    assert error.cause is Cause.STANDARDMISMATCH
    assert error.failed == {"T38": "YES"}
    assert choose({"T38": "NO"}, PLAIN).values["T38"] == "NO"


VALUES = st.one_of(
    st.sampled_from(["YES", "NO", "A4", "B4", "A3", "4800", "14400", "KEEP", ""]),
    st.booleans(),
    st.integers(-1, 40000),
)


@given(st.dictionaries(st.sampled_from([*BY_NAME, "nonsense"]), VALUES, max_size=6))
def test_whatever_is_given_works_or_the_offenders_were_given(given_options: dict[str, object]) -> None:
    failed: dict[str, object] | None = None
    try:
        assert choose(given_options, ABLE).settings.modulations()
    except OptionError as error:
        failed = error.failed
    assert failed != {}
    assert (failed or {}).items() <= given_options.items()
