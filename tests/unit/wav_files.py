"""WAVE files in memory, as recorders write them and as they should not."""

from __future__ import annotations

import struct

GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    padding = b"\0" * (len(content) % 2)
    return struct.pack("<4sI", name, len(content) if size is None else size) + content + padding


def form(tag: int = 1, channels: int = 1, rate: int = 8000, bits: int = 16) -> bytes:
    frame = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, rate * frame, frame, bits))


def extensible(tag: int, channels: int, bits: int) -> bytes:
    frame = channels * bits // 8
    head = struct.pack("<HHIIHH", 0xFFFE, channels, 8000, 8000 * frame, frame, bits)
    return chunk(b"fmt ", head + struct.pack("<HHIH", 22, bits, 0, tag) + GUID_TAIL)


def wav(*chunks: bytes) -> bytes:
    content = b"".join(chunks)
    return struct.pack("<4sI4s", b"RIFF", len(content) + 4, b"WAVE") + content
