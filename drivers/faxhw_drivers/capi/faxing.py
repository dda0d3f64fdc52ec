"""A fax by T.30 in the card, what both directions share: its beginning, its waits, and its end.

However a session's steps end, there is an outcome: by the reason of DISCONNECT_B3, or else of the call.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import replace
from typing import NoReturn, TypeVar

from faxhw.capi import structures
from faxhw.capi.fields import CapiError
from faxhw.capi.messages import Message
from faxhw.capi.reasons import ACCEPT, reason
from faxhw.capi.structures import B1_FAX, B2_FAX, B3_FAX, FaxFacts, FaxOption
from faxhw.errors import DeviceError, PortError
from faxhw.session import Cancelled, Event, Negotiated, Outcome, RemoteInfo, Reply, Session, Status
from faxhw.terms import LADDER, Coding, Modulation, PageLength, Parameters, Resolution, Settings
from faxhw_drivers.capi.call import Call
from faxhw_drivers.capi.client import Client, RefusedError

_T = TypeVar("_T")
Steps = Generator[Event, Reply, _T]

PAGE_PATIENCE = 600.0
"""Seconds for which nothing may be heard of a fax: a page of many rows at 2400 bit/s, and its repetition."""
_BEGINNING = 90.0
"""Seconds from taking the line to the far end's parameters: CED, T1, and a training at each rate."""
_ENDING = 7.0
"""Seconds for which the end of a fax that is broken off is waited for."""
_REASON_WAIT = 1.0
"""The same for the network's reason, once the card's end says nothing."""
_SAYS_NOTHING = frozenset({0, 0x3490})
"""Reasons of a normal end: none, and that the call was cleared."""


class Ended(Exception):  # noqa: N818 - it is how a session's steps end
    """The fax is over, with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


class Fax:
    """A fax on a call."""

    def __init__(self, client: Client, call: Call, b3: int, offer: Message | None) -> None:
        """``b3``: the protocol by which the card runs T.30; ``offer``: the call that rings, if it does."""
        self.call = call
        self._client = client
        self._b3 = b3
        self._offer = offer

    def begin(self, settings: Settings, *, fine: bool, polls: bool) -> Steps[Parameters]:
        """Take the line if it rings, and have the card run T.30 until a page may come or go: what is settled,
        with the coding of SFF.

        ``fine``: the resolution offered; ``polls``: whether who was called is to send.
        """
        call, b = self.call, self._protocol(settings, fine=fine, polls=polls)
        if self._offer is not None:
            self._client.respond(self._offer, reject=ACCEPT, b=b)
        else:
            self._client.request("SELECT_B_PROTOCOL_REQ", plci=call.plci, b=b)
            call.ncci = self._client.request("CONNECT_B3_REQ", plci=call.plci).address
        if not self.wait_for(lambda: call.active or call.over, _BEGINNING):
            self.disconnect(Status.NO_ANSWER_T1, "the card does not tell what was settled")
        if not call.active:
            self.end()
        facts = self.facts()
        if facts.ident:
            yield RemoteInfo(ident=facts.ident[:20])
        settled = _parameters(facts, settings, extended=self._b3 != B3_FAX)
        if settled.modulation.rate < settings.min_rate:
            self.disconnect(Status.TRAINING_FAILED, f"{settled.modulation} was settled, which is too slow")
        yield Negotiated(settled)
        return replace(settled, coding=Coding.MH)

    def _protocol(self, settings: Settings, *, fine: bool, polls: bool) -> bytes:
        options = FaxOption.HIGH_RESOLUTION if fine else FaxOption(0)
        if self._b3 != B3_FAX:
            unwanted = {
                FaxOption.NO_MR: Coding.MR not in settings.codings,
                FaxOption.NO_MMR: Coding.MMR not in settings.codings,
                FaxOption.NO_ECM: not settings.ecm,
                FaxOption.POLLING: polls,
            }
            for bit, wanted in unwanted.items():
                options |= bit if wanted else FaxOption(0)
        rate = max(each.rate for each in settings.modulations())
        ident = settings.ident.encode("ascii", "ignore")[:20]
        return structures.build(
            structures.B_PROTOCOL,
            b1=B1_FAX,
            b2=B2_FAX,
            b3=self._b3,
            b1_configuration=b"" if rate >= LADDER[0].rate else _rate(rate),
            b3_configuration=structures.build(structures.FAX, options=int(options), ident=ident),
        )

    def facts(self) -> FaxFacts:
        """What the card told of the fax last; nothing, where it is not understood."""
        try:
            return structures.fax_facts(self.call.ncpi)
        except CapiError as error:
            self._client.log.warning("%s: %s", self._client.name, error)
            return FaxFacts()

    def wait_for(self, predicate: Callable[[], bool], timeout: float) -> bool:
        """Wait; False if the time is up. Raises ``Cancelled``."""
        met = self._client.wait_for(predicate, timeout)
        if not met and self._client.take_interrupt():
            raise Cancelled
        return met

    # ------------------------------------------------------------------------------------------------------
    # The end

    def disconnect(self, status: Status, detail: str) -> NoReturn:
        """End the fax from this side, as politely as the card can."""
        self.stop()
        raise Ended(self._outcome(status, detail))

    def stop(self) -> None:
        """Have the card end the fax; what was cancelled before is not cancelled once more."""
        call = self.call
        with suppress(DeviceError):
            if call.over:
                return
            if call.ncci:
                self._client.request("DISCONNECT_B3_REQ", ncci=call.ncci)
            else:
                self._client.request("DISCONNECT_REQ", plci=call.plci)
            self._client.wait_for(lambda: call.over, _ENDING)

    def finish(self) -> None:
        """There are no more data: the card may end the fax once it has sent them."""
        with suppress(RefusedError):  # it has ended by itself
            self._client.request("DISCONNECT_B3_REQ", ncci=self.call.ncci)

    def end(self, *, complete: bool = False) -> NoReturn:
        """The fax is over: say how, by the controller's reasons. ``complete``: all pages are."""
        call = self.call
        if complete and (call.ended_b3 or 0) in _SAYS_NOTHING:
            raise Ended(self._outcome(Status.NORMAL, "all pages are over"))
        if (call.ended_b3 or 0) in _SAYS_NOTHING:
            self._client.wait_for(lambda: call.reason is not None, _REASON_WAIT)
        code = call.ended_b3 or call.reason or 0
        if not code:
            raise Ended(self._outcome(Status.DCN_RECEIVED, "the fax ended before it was complete"))
        raise Ended(self._outcome(reason(code).status, str(reason(code)), code))

    def _outcome(self, status: Status, detail: str, code: int = 0) -> Outcome:
        return Outcome(
            status,
            heard_fax=self.call.active,
            line_up=False,
            far_end_gone=False,
            detail=detail,
            reason=code,
        )


def conduct(fax: Fax, steps: Steps[NoReturn], lost: Callable[[], Steps[None]]) -> Session:
    """The session that steps are; ``lost`` are those to take when the connection to the CAPI is lost."""
    try:
        yield from steps
    except Ended as ended:
        return ended.outcome
    except Cancelled:
        fax.stop()
        return Outcome(
            Status.ABORTED, heard_fax=fax.call.active, line_up=False, detail="stopped by the script"
        )
    except RefusedError as refused:
        why = refused.reason
        fax.stop()
        return Outcome(why.status, line_up=False, detail=str(refused), reason=why.code)
    except PortError as error:
        yield from lost()
        return Outcome(Status.DEVICE_FAILED, line_up=False, detail=str(error))
    raise AssertionError("a session has no other end")


def _rate(rate: int) -> bytes:
    return structures.build(structures.B1_CONFIGURATION, rate=rate)


def _parameters(facts: FaxFacts, settings: Settings, *, extended: bool) -> Parameters:
    """What an NCPI says was settled. CAPI tells the rate, not the modulation; and the coding only where it is
    ``extended``, by what is not used."""
    rate = facts.rate or max(each.rate for each in settings.modulations())
    known = [each for each in LADDER if each.rate == rate and each.family in settings.families]
    modulation: Modulation = next(iter(known), next((m for m in LADDER if m.rate <= rate), LADDER[-1]))
    fine = FaxOption.HIGH_RESOLUTION in facts.options
    ecm = settings.ecm and FaxOption.NO_ECM not in facts.options
    unused = {
        Coding.MMR: FaxOption.NO_MMR in facts.options or not ecm,
        Coding.MR: FaxOption.NO_MR in facts.options,
    }
    codings = [each for each, is_unused in unused.items() if extended and not is_unused]
    return Parameters(
        modulation=modulation,
        coding=next((each for each in codings if each in settings.codings), Coding.MH),
        resolution=Resolution.FINE if fine else Resolution.STANDARD,
        length=PageLength.UNLIMITED,
        ecm=ecm,
    )
