"""A-law and mu-law (ITU-T G.711): octets of the digital network from and to 16-bit linear samples.

Samples stand in the host's byte order, as everywhere in ``faxhw.audio``; octets are as on the network, those
of A-law with their even bits inverted. Tables are made of the decision values when a law is first used.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from enum import StrEnum
from functools import cache


class Law(StrEnum):
    """The companding laws of G.711."""

    A = "A-law"
    MU = "mu-law"


def expand(octets: bytes, law: Law) -> bytes:
    """Linear samples of law-coded octets, two octets for each."""
    return array("h", map(_linear(law).__getitem__, octets)).tobytes()


def compress(samples: bytes, law: Law) -> bytes:
    """Law-coded octets of linear samples; the number of octets must be even."""
    return bytes(map(_octets(law).__getitem__, array("h", samples)))


@cache
def coded(law: Law) -> array[int]:
    """For each 16-bit sample (negative ones by negative index) what is left of it after both conversions."""
    linear = _linear(law)
    return array("h", (linear[octet] for octet in _octets(law)))


def _steps(law: Law) -> list[tuple[int, int]]:
    """For each magnitude's code, in its order: the decision value from which it is given, and its output.

    G.711 tables 1a and 2a count in 4096 and 8159 parts of the largest magnitude; here in 16-bit samples.
    """
    segments = [(segment, interval) for segment in range(8) for interval in range(16)]
    if law is Law.A:
        edges = [(max(1, segment), interval + 16 * (segment > 0)) for segment, interval in segments]
        return [(8 * (edge << shift), 8 * (edge << shift) + (4 << shift)) for shift, edge in edges]
    outputs = [(((2 * interval + 33) << segment) - 33, 1 << segment) for segment, interval in segments]
    return [(4 * max(0, output - half), 4 * output) for output, half in outputs]


@cache
def _linear(law: Law) -> tuple[int, ...]:
    """The sample of each octet."""
    outputs = [output for _, output in _steps(law)]
    return tuple(
        outputs[code & 0x7F] if code & 0x80 else -outputs[code & 0x7F]
        for code in (_inverted(octet, law) for octet in range(256))
    )


@cache
def _octets(law: Law) -> bytes:
    """The octet of each sample, from 0 to 32767 and then from -32768 to -1, as Python counts indices."""
    edges = [edge for edge, _ in _steps(law)]
    codes = [bisect_right(edges, magnitude) - 1 for magnitude in range(32768)]
    positive = bytes(_inverted(code | 0x80, law) for code in codes)
    return positive + bytes(_inverted(code, law) for code in reversed(codes))


def _inverted(octet: int, law: Law) -> int:
    """Sign and code as an octet on the network, or the other way round."""
    return octet ^ (0x55 if law is Law.A else 0x7F)
