"""What a line was asked and answered, in a line of text: for the traces of those that perform operations."""

from __future__ import annotations

from faxhw.t30.line import (
    Answer,
    CarrierLost,
    Data,
    Heard,
    Operation,
    ReceivePage,
    SendFrames,
    SendPage,
)


def summary(operation: Operation, answer: Answer) -> str:
    """An operation and its answer, octets of pages by number only."""
    match operation:
        case (
            SendPage(modulation=modulation, short_training=short)
            | ReceivePage(modulation=modulation, short_training=short)
        ):
            asked = f"{type(operation).__name__} {modulation}{' short' if short else ''}"
        case SendFrames(frames=frames):
            asked = "SendFrames " + " ".join(frame.hex() for frame in frames)
        case _:
            asked = type(operation).__name__
    match answer:
        case Heard(frames=heard):
            came = " ".join(frame.octets.hex() + ("" if frame.good else "(bad)") for frame in heard)
        case Data(octets=octets):
            came = f"{len(octets)} octets"
        case CarrierLost(signal=signal) if signal is not None:
            came = str(signal)
        case _:
            came = ""
    return f"{asked} -> {type(answer).__name__} {came}".rstrip()
