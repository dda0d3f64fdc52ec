"""The called station that receives (T.30 figure 5-2b), without error correction.

Phase B: identify until a DCS comes, check the training. Phase C: take the page. Phase D: hear the
post-message command, have the page stored and judged, reply. A confirmation is said only after the job's
``Verdict``.
"""

from __future__ import annotations

from typing import NoReturn

from faxhw.session import (
    Cancelled,
    Coding,
    Family,
    Negotiated,
    NextStep,
    Outcome,
    PageBegins,
    PageData,
    PageEnds,
    Parameters,
    RemoteInfo,
    SessionError,
    Settings,
    Status,
    Verdict,
)
from faxhw.t30 import capabilities, frames, training
from faxhw.t30.bits import Bits
from faxhw.t30.dialogue import T1, T2, T4, TRIES, Dialogue, Ended, Missing, Steps
from faxhw.t30.frames import Fcf, Message
from faxhw.t30.line import (
    AnswerTone,
    Data,
    OtherCarrier,
    Procedure,
    ReceiveMore,
    ReceivePage,
    StopReceiving,
)

TCF_WAIT = 4.0
"""Seconds from the end of a DCS until its TCF must be there: 75 ms of silence, and training."""
PAGE_PATIENCE = 120.0
"""Seconds for which a carrier that we lost may go on before its sender is given up."""
MAX_PAGE_SECONDS = 3600.0
"""A carrier that stands longer than this is no page."""
REPEAT_WINDOW = 4.0
"""Seconds after the end of a reply by which its command has come again, if it comes because the reply was
lost: what T4 (3.45 s at most) leaves after the reply, a preamble, the frame, and a second for the way.

Whatever ends later may have been a page that we did not hear, and is asked for again. A shorter page (nearly
blank, at 14400) can still be taken for the repetition, but only where the modem saw no carrier at all."""

_NEXT_STEP = {Fcf.MPS: NextStep.MORE_PAGES, Fcf.EOM: NextStep.MORE_DOCUMENTS, Fcf.EOP: NextStep.NO_MORE}
_SAID_OF_A_PAGE = {Verdict.GOOD: Fcf.MCF, Verdict.RETRAIN: Fcf.RTP, Verdict.REJECTED: Fcf.RTN}


def answer(settings: Settings) -> Procedure:
    """The procedure of a called station that receives a fax."""
    station = _Receiver(settings)
    try:
        yield from station.call()
    except Ended as ended:
        return ended.outcome
    except Cancelled:
        return (yield from station.cancelled())
    raise AssertionError("a call has no other end")


class _Receiver:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._line = Dialogue(x=False)
        self._replied_to: Message | None = None
        """The post-message command that our last transmission replied to."""
        self._confirmed_last = False
        """Whether the last page that arrived was confirmed."""
        self._in_doubt = False
        """Whether the next page may be that one again."""
        self._carrier_expected = False
        """Whether the far end has the word with a carrier on which it cannot hear us."""

    def call(self) -> Steps[None]:
        yield from self._line.do(AnswerTone())
        command = yield from self._identify(again=False)
        while True:
            parameters = yield from self._train(command)
            command = (yield from self._document(parameters)) or (yield from self._identify(again=True))

    def cancelled(self) -> Steps[Outcome]:
        outcome = Outcome(Status.ABORTED, heard_fax=self._line.heard_fax, detail="stopped by the script")
        try:
            if not self._carrier_expected:
                yield from self._line.say((Fcf.DCN, b""))
        except (Ended, Cancelled) as error:
            return error.outcome if isinstance(error, Ended) else outcome
        return outcome

    # ------------------------------------------------------------------------------------------------------
    # Phase B

    def _identify(self, *, again: bool) -> Steps[Message]:
        """Say NSF, CSI and DIS until a DCS comes, for T1 at most."""
        line, began = self._line, self._line.now
        identity = [(Fcf.DIS, capabilities.offer(self._settings).octets)]
        if self._settings.ident:
            identity.insert(0, (Fcf.CSI, frames.identification(self._settings.ident)))
        if self._settings.nsf:
            identity.insert(0, (Fcf.NSF, self._settings.nsf))
        while True:
            yield from line.say(*identity, gap=again or line.said != ())
            heard = yield from self._command(T4)
            if heard is Missing.GARBLED:
                # It may have been a DCS, and its TCF follows now: nobody would hear a DIS on top of it.
                heard = yield from self._command(T4)
            if isinstance(heard, Message):
                if heard.fcf == Fcf.DCS:
                    return heard
                if heard.fcf == Fcf.DTC:
                    yield from line.disconnect(
                        Status.CANNOT_BE_POLLED, "the caller polls; there is nothing to send"
                    )
            if line.now - began >= T1:
                status = Status.T1_AFTER_EOM if again else Status.NO_ANSWER_T1
                line.end(status, f"T1: no DCS within {T1:.0f} s of our first DIS")

    def _train(self, command: Message) -> Steps[Parameters]:
        """From a DCS to CFR, over as many FTT as the sender has patience for."""
        line = self._line
        while True:
            yield from self._learn(command)
            parameters = yield from self._accept(Bits(command.information))
            quality = yield from self._training_check(parameters)
            if isinstance(quality, Message):
                command = quality
                continue
            if quality is not None and quality.good and parameters.modulation in self._settings.modulations():
                yield from line.tell(Negotiated(parameters))
                yield from line.say((Fcf.CFR, b""))
                return parameters
            yield from line.say((Fcf.FTT, b""))
            command = yield from self._new_dcs(Status.TRAINING_FAILED, "no new DCS came after FTT")

    def _learn(self, command: Message) -> Steps[None]:
        """Pass on what the frames before a DCS say."""
        said = {fcf: command.preceding(fcf) for fcf in (Fcf.TSI, Fcf.SUB, Fcf.PWD, Fcf.NSS)}
        texts = {
            fcf: frames.identification_text(information)
            for fcf, information in said.items()
            if information is not None
        }
        if texts:
            yield from self._line.tell(
                RemoteInfo(
                    ident=texts.get(Fcf.TSI),
                    sub_address=texts.get(Fcf.SUB),
                    password=texts.get(Fcf.PWD),
                    nsf=said[Fcf.NSS],
                )
            )

    def _accept(self, dcs: Bits) -> Steps[Parameters]:
        """What a DCS settles, if it is among what we offered; else the call ends here."""
        if dcs["t38"] or dcs["t37"]:
            yield from self._line.disconnect(Status.STANDARD_MISMATCH, "the DCS demands T.38 or T.37")
        parameters = capabilities.settled(dcs)
        settings = self._settings
        if parameters is None:
            strange = "codes that T.30 does not define"
        elif parameters.ecm and not settings.ecm:
            strange = "error correction"
        elif parameters.coding is not Coding.MH and parameters.coding not in settings.codings:
            strange = str(parameters.coding)
        elif parameters.coding is Coding.MMR and not parameters.ecm:
            strange = "MMR without error correction"
        else:
            # A finer resolution or a wider page than we asked for can be stored all the same.
            return parameters
        yield from self._line.disconnect(
            Status.RECEIVE_B_BAD_COMMAND,
            f"the DCS ({dcs.octets.hex()}) demands what we did not offer: {strange}",
        )
        raise AssertionError("disconnected")

    def _training_check(self, parameters: Parameters) -> Steps[training.TcfQuality | Message | None]:
        """TCF's quality; ``None`` if there was none; or the DCS that came in its place."""
        line, modulation = self._line, parameters.modulation
        limit = round(modulation.rate * training.MAX_TCF_SECONDS / 8)
        octets = bytearray()
        self._carrier_expected = True
        heard = yield from line.do(ReceivePage(modulation, TCF_WAIT))
        while isinstance(heard, Data):
            octets += heard.octets
            if len(octets) > limit:
                yield from line.do(StopReceiving())
                break
            heard = yield from line.do(ReceiveMore())
        self._carrier_expected = False
        if isinstance(heard, OtherCarrier):
            message = yield from self._command(T4, patience=training.MAX_TCF_SECONDS)
            return message if isinstance(message, Message) and message.fcf == Fcf.DCS else None
        return training.judge(bytes(octets), modulation.rate) if octets else None

    def _new_dcs(self, status: Status, detail: str) -> Steps[Message]:
        """The DCS that a retraining begins with."""
        line = self._line
        for _ in range(TRIES):
            heard = yield from self._command(T2)
            if isinstance(heard, Message):
                if heard.fcf == Fcf.DCS:
                    return heard
                if self._replied_to and heard.fcf == self._replied_to.fcf:
                    yield from line.repeat()
            elif heard is not Missing.GARBLED:
                break
        line.end(status, detail, line_up=heard is not Missing.SILENCE)

    # ------------------------------------------------------------------------------------------------------
    # Phases C and D

    def _document(self, parameters: Parameters) -> Steps[Message | None]:
        """Pages until the sender trains anew (-> its DCS) or announces another document (-> ``None``)."""
        line = self._line
        self._replied_to = None
        while True:
            line.stray_carrier = False
            arrived = yield from self._page(parameters)
            command = yield from self._post_message_command(arrived=arrived)
            if command.fcf == Fcf.DCS:
                return command
            if not arrived and self._comes_again(command):
                yield from line.repeat()
                continue
            reply = yield from self._judge(command, arrived=arrived)
            self._replied_to = command
            yield from line.say((reply, b""))
            if command.fcf == Fcf.EOP and reply is not Fcf.RTN:
                yield from self._farewell(reply)
            if command.fcf == Fcf.EOM:
                return (yield from self._between_documents())
            if reply is not Fcf.MCF:
                return (yield from self._retraining(reply))

    def _page(self, parameters: Parameters) -> Steps[bool]:
        """Take a page; whether one came at all."""
        line = self._line
        self._carrier_expected = True
        short = parameters.modulation.family is Family.V17  # after CFR the training is short (T.30 5.3.6.1.3)
        heard = yield from line.do(ReceivePage(parameters.modulation, T2, short_training=short))
        arrived = isinstance(heard, Data)
        if arrived:
            began = line.now
            yield from line.tell(PageBegins(parameters))
            while isinstance(heard, Data):
                yield from line.tell(PageData(heard.octets))
                if line.now - began > MAX_PAGE_SECONDS:
                    yield from line.do(StopReceiving())
                    line.end(Status.RECEIVE_C, f"a page that took longer than {MAX_PAGE_SECONDS:.0f} s")
                heard = yield from line.do(ReceiveMore())
        self._carrier_expected = False
        return arrived

    def _post_message_command(self, *, arrived: bool) -> Steps[Message]:
        """MPS, EOM, EOP, or a DCS that begins anew."""
        line = self._line
        for _ in range(TRIES):
            heard = yield from self._command(T2, patience=PAGE_PATIENCE)
            if isinstance(heard, Message) and (heard.fcf in _NEXT_STEP or heard.fcf == Fcf.DCS):
                return heard
            if heard is Missing.SILENCE or heard is Missing.OTHER_CARRIER:
                break
            yield from line.say((Fcf.CRP, b""))
        line_up = heard is not Missing.SILENCE
        if arrived:
            line.end(
                Status.RECEIVE_D_NO_COMMAND,
                f"T2: no command within {T2:.0f} s of the page's end",
                line_up=line_up,
            )
        line.end(Status.T2_NO_PAGE, f"T2: no page within {T2:.0f} s", line_up=line_up)

    def _comes_again(self, command: Message) -> bool:
        """Whether a command without a page is the last one once more, because our reply was lost."""
        line = self._line
        return (
            self._replied_to is not None
            and command.fcf == self._replied_to.fcf
            and not line.stray_carrier
            and line.now - line.said_at <= REPEAT_WINDOW
        )

    def _judge(self, command: Message, *, arrived: bool) -> Steps[Fcf]:
        """What to say of the page that a command ends; ends the call where it must not be confirmed."""
        if not arrived:
            # The page went by unheard, or a confirmation was: either way it must come again.
            self._in_doubt = self._in_doubt or self._confirmed_last
            return Fcf.RTN
        verdict = yield from self._line.tell(
            PageEnds(_NEXT_STEP[Fcf(command.fcf)], perhaps_again=self._in_doubt)
        )
        self._confirmed_last = verdict in (Verdict.GOOD, Verdict.RETRAIN)
        self._in_doubt = self._in_doubt and not self._confirmed_last
        match verdict:
            case Verdict.GOOD | Verdict.RETRAIN | Verdict.REJECTED:
                return _SAID_OF_A_PAGE[verdict]
            case Verdict.FAILED:
                yield from self._line.disconnect(Status.STORAGE_FAILED, "the page could not be stored")
            case Verdict.GIVEN_UP:
                yield from self._line.disconnect(Status.PAGE_QUALITY, "the page came damaged too often")
        raise SessionError(f"PageEnds was answered by {verdict!r}")

    def _farewell(self, reply: Fcf) -> Steps[NoReturn]:
        """After the last page's confirmation: DCN, or the command again because the reply was lost."""
        line = self._line
        line.gone_is = Status.NORMAL  # nothing is left to be lost
        for _ in range(TRIES):
            heard = yield from line.listen(T2)
            if not isinstance(heard, Message) and heard is not Missing.GARBLED:
                break
            if isinstance(heard, Message):
                if heard.fcf == Fcf.DCN:
                    line.end(Status.NORMAL, "DCN after the last page")
                if heard.fcf == Fcf.DCS and reply is Fcf.RTP:
                    break
            yield from line.repeat()
        line.end(Status.NORMAL, f"the last page was confirmed by {reply.label}; no DCN came")

    def _between_documents(self) -> Steps[Message | None]:
        """After EOM: the command again, or T2 passes and phase B begins anew (clause 5.3.6.1.6)."""
        line = self._line
        for _ in range(TRIES):
            heard = yield from self._command(T2)
            if not isinstance(heard, Message):
                break
            if heard.fcf == Fcf.DCS:
                return heard
            yield from line.repeat()
        return None

    def _retraining(self, reply: Fcf) -> Steps[Message]:
        """After RTP or RTN the sender trains anew, or gives up."""
        status = Status.PAGE_QUALITY if reply is Fcf.RTN else Status.T2_EXPIRED
        return (yield from self._new_dcs(status, f"no new DCS came after {reply.label}"))

    def _command(self, timeout: float, *, patience: float = 0.0) -> Steps[Message | Missing]:
        """Hear a command; what may come at any time is dealt with here: CRP and DCN."""
        line = self._line
        for _ in range(TRIES):
            heard = yield from line.listen(timeout, patience=patience)
            if not isinstance(heard, Message):
                return heard
            if heard.fcf == Fcf.DCN:
                rejected = line.said and frames.control_field(line.said[-1][2]) == Fcf.RTN
                line.end(
                    Status.PAGE_QUALITY if rejected else Status.DCN_RECEIVED,
                    "the sender gave up after RTN" if rejected else "the sender said DCN",
                )
            if heard.fcf != Fcf.CRP:
                return heard
            yield from line.repeat()
        return Missing.GARBLED
