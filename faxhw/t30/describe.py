"""What a frame says, in words: for ``faxhw explain`` and for traces."""

from __future__ import annotations

import re
from collections.abc import Callable

from faxhw import hdlc
from faxhw.t30 import capabilities, ecm, frames
from faxhw.t30.bits import BITS, Bits
from faxhw.t30.frames import Fcf
from faxhw.t30.nsf import facilities

MAX_OCTETS = 1024

MEANINGS: dict[Fcf, str] = {
    Fcf.DIS: "digital identification: what the called station can do",
    Fcf.CSI: "called subscriber identification",
    Fcf.NSF: "non-standard facilities",
    Fcf.DTC: "digital transmit command: the calling station polls",
    Fcf.CIG: "calling subscriber identification",
    Fcf.NSC: "non-standard facilities command",
    Fcf.PWD: "password",
    Fcf.SEP: "selective polling",
    Fcf.PSA: "polled sub-address",
    Fcf.CIA: "calling subscriber Internet address",
    Fcf.ISP: "Internet selective polling address",
    Fcf.DCS: "digital command signal: what the pages will be",
    Fcf.TSI: "transmitting subscriber identification",
    Fcf.NSS: "non-standard facilities set-up",
    Fcf.SUB: "sub-address",
    Fcf.SID: "sender identification",
    Fcf.TSA: "transmitting subscriber Internet address",
    Fcf.IRA: "Internet routing address",
    Fcf.CTC: "continue to correct",
    Fcf.CFR: "confirmation to receive: the training succeeded",
    Fcf.FTT: "failure to train: the training failed",
    Fcf.CTR: "response to continue to correct",
    Fcf.CSA: "called subscriber Internet address",
    Fcf.EOM: "end of message: another document follows, back to phase B",
    Fcf.MPS: "multipage signal: another page follows",
    Fcf.EOP: "end of procedure: no more pages",
    Fcf.PRI_EOM: "end of message, an operator is asked for",
    Fcf.PRI_MPS: "multipage signal, an operator is asked for",
    Fcf.PRI_EOP: "end of procedure, an operator is asked for",
    Fcf.EOS: "end of selection",
    Fcf.EOR: "end of retransmission",
    Fcf.RR: "receive ready?",
    Fcf.PPS: "partial page signal",
    Fcf.MCF: "message confirmation: the page is safe",
    Fcf.RTN: "retrain negative: the page was not good enough",
    Fcf.RTP: "retrain positive: the page is safe, train again",
    Fcf.PIN: "procedure interrupt negative",
    Fcf.PIP: "procedure interrupt positive",
    Fcf.PID: "procedure interrupt disconnect",
    Fcf.RNR: "receive not ready",
    Fcf.ERR: "response to end of retransmission",
    Fcf.PPR: "partial page request: these frames again",
    Fcf.FDM: "file diagnostics message",
    Fcf.DCN: "disconnect",
    Fcf.CRP: "command repeat",
    Fcf.FNV: "field not valid",
    Fcf.TR: "transmit ready",
    Fcf.TNR: "transmit not ready",
    Fcf.FCD: "facsimile coded data, error correction",
    Fcf.RCP: "return to control for partial page",
}


def parse_hex(text: str) -> bytes:
    """A frame from hexadecimal text as logs print it: ``ff 13 80``, ``FF:C8:01``, ``0xff1380``.

    The octets may stand as AT interfaces show them (final frames begin ff 13) or as T.30 prints them (ff c8);
    the result is the former. Raises ``ValueError`` with one line that says what is wrong.
    """
    digits = re.sub(r"0[xX]|[\s:,.\-]", "", text)
    if not digits:
        raise ValueError("there is no frame to explain")
    if wrong := re.search(r"[^0-9a-fA-F]", digits):
        raise ValueError(f"{wrong[0]!r} is no hexadecimal digit")
    if len(digits) % 2:
        raise ValueError("an odd number of hexadecimal digits: each octet takes two")
    octets = bytes.fromhex(digits)
    if len(octets) > MAX_OCTETS:
        raise ValueError(f"{len(octets)} octets are more than any frame has")
    return octets.translate(hdlc.REVERSED) if octets[:2] in (b"\xff\xc0", b"\xff\xc8") else octets


def describe(octets: bytes) -> list[str]:
    """What a frame says, line by line; the first line names it. Any octets will do."""
    if not frames.is_t30(octets):
        return [f"no T.30 frame: {octets[:16].hex(' ')}"]
    if len(octets) > 4 and hdlc.check(octets):
        octets = octets[:-2]
    fcf, information = frames.control_field(octets[2]), octets[3:]
    if fcf not in MEANINGS:
        return [f"{frames.label(fcf)}: not in T.30", *_hexadecimal(information)]
    known = Fcf(fcf)
    head = f"{known.label}: {MEANINGS[known]}"
    if not octets[1] & frames.FINAL:
        head += " (another frame follows)"
    if known in (Fcf.DIS, Fcf.DTC):
        return [head, *_offer(Bits(information))]
    if known is Fcf.DCS:
        return [head, *_command(Bits(information))]
    if known in frames.IDENTIFICATIONS:
        return [head, f"  {frames.identification_text(information)!r}"]
    if known in _DETAILS:
        return [head, *_DETAILS[known](information), *_hexadecimal(information)]
    return [head, *_hexadecimal(information)]


def _offer(bits: Bits) -> list[str]:
    can = capabilities.understand(bits)
    return [
        f"  {', '.join(sorted(can.families))}, at most {can.max_rate} bit/s",
        f"  {', '.join(sorted(can.codings))}; ECM {'yes' if can.ecm else 'no'}",
        f"  width up to {can.width}, length up to {can.length}",
        f"  rows of {_milliseconds(can.scan_times)} ms or more",
        *(f"  bit {bit.number}: {bit.offers}" for bit in BITS if bit.offers and bits[bit.number]),
        *_unknown(bits),
    ]


def _command(bits: Bits) -> list[str]:
    settled = capabilities.settled(bits)
    if settled is None:
        lines = ["  a rate, width or length that T.30 does not define"]
    else:
        ecm = f"ECM with {settled.ecm_frame_size}-octet frames" if settled.ecm else "no ECM"
        lines = [
            f"  {settled.modulation}, {settled.coding}, {ecm}",
            f"  {settled.resolution} dpi, width {settled.width}, length {settled.length}",
            f"  rows of {settled.min_scan_time * 1000:g} ms or more",
        ]
    return [
        *lines,
        *(f"  bit {bit.number}: {bit.commands}" for bit in BITS if bit.commands and bits[bit.number]),
        *_unknown(bits),
    ]


def _facilities(information: bytes) -> list[str]:
    maker = facilities(information)
    return [] if maker is None else [f"  {maker}"]


def _partial_page(information: bytes) -> list[str]:
    said = ecm.partial_page(information)
    if said is None:
        return []
    command = "NULL: the page goes on" if said.command is None else said.command.label
    return [f"  {command}; page {said.page}, block {said.block}, {said.frames} frames"]


def _request(information: bytes) -> list[str]:
    wanted = ecm.requested(information, ecm.MOST_FRAMES)
    last = next((number for number in reversed(range(ecm.MOST_FRAMES)) if number not in wanted), -1)
    within = [number for number in wanted if number < last]
    return [f"  frames {', '.join(map(str, within)) or 'none'}, and all from {last + 1} on that there are"]


def _rate(information: bytes) -> list[str]:
    return [f"  at {ecm.rate_named(information) or 'a rate that T.30 does not define'}"]


_DETAILS: dict[Fcf, Callable[[bytes], list[str]]] = {
    **dict.fromkeys((Fcf.NSF, Fcf.NSS, Fcf.NSC), _facilities),
    Fcf.PPS: _partial_page,
    Fcf.PPR: _request,
    Fcf.CTC: _rate,
}


def _unknown(bits: Bits) -> list[str]:
    return [f"  bit {number}: set, meaning not known" for number in bits.unknown()]


def _milliseconds(times: tuple[float, float]) -> str:
    return "/".join(f"{each * 1000:g}" for each in dict.fromkeys(times))


def _hexadecimal(information: bytes) -> list[str]:
    if not information:
        return []
    return [f"  {information[:64].hex(' ')}{' …' if len(information) > 64 else ''}"]
