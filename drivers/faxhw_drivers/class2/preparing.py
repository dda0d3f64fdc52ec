"""What a modem is told before a fax: what this side can do and wants, and who it is."""

from __future__ import annotations

from faxhw.t32 import dialect as names
from faxhw.t32 import parameters
from faxhw.t32.parameters import RATES, Subparameters
from faxhw.terms import Family, Settings
from faxhw_drivers.class2.modem import Modem


def offer(modem: Modem, settings: Settings) -> Subparameters:
    """What ``settings`` come to on this modem."""
    return parameters.limited(parameters.offered(settings, modem.dialect), modem.most)


def introduce_ourselves(modem: Modem, settings: Settings) -> None:
    """Tell the modem who we are, to the far end, and what is asked of it by name."""
    dialect, ident = modem.dialect, settings.ident[:20]
    modem.say(f'{dialect.local_id}="{ident}"')
    for command, text in (
        (names.SUB_ADDRESS, settings.sub_address),
        (names.SELECTIVE_POLLING, settings.selective_polling),
        (names.PASSWORD, settings.password),
    ):
        if text:
            modem.say(f'{command}="{text}"')
    least, habits = RATES.index(settings.min_rate), modem.habits
    if least or habits.has_least_rate:
        modem.say(f"{dialect.min_speed}={least}")
        habits.has_least_rate = least > 0
    if modem.traits.v17:
        modem.say(modem.traits.v17[Family.V17 in settings.families])


def be_called(modem: Modem, settings: Settings, *, receives: bool) -> None:
    """Before answering: what the DIS is to say. Who does not receive holds a document to be polled."""
    dialect = modem.dialect
    numbers = offer(modem, settings).text(dialect).split(",")
    if modem.traits.rate_is_least:
        numbers[1] = ""
    modem.say(f"{dialect.capabilities}={','.join(numbers)}")
    modem.say(f"+FCR={int(receives)}")
    modem.say(f"{dialect.holds_document}={int(not receives)}")
    if settings.nsf and not dialect.draft:  # class 2 has no way to say it
        modem.say(f'{dialect.nss}="{settings.nsf.hex().upper()}"')
    introduce_ourselves(modem, settings)


def be_caller(modem: Modem, settings: Settings) -> None:
    """Before polling, the call being made: what the DTC is to say."""
    dialect = modem.dialect
    wish(modem, offer(modem, settings))
    introduce_ourselves(modem, settings)
    if settings.ident:
        modem.say(f'{dialect.polling_id}="{settings.ident[:20]}"')


def wish(modem: Modem, numbers: Subparameters) -> None:
    """Say what is wanted of the session that stands, where the modem can be told then."""
    if not modem.traits.wishes_before_dialling:
        modem.say(f"{modem.dialect.wishes}={numbers.text(modem.dialect)}")
