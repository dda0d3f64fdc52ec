"""``faxhw record``: wait for a call, answer it, and keep its sound, with or without receiving a fax."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faxhw.audio.port import BLOCK, RATE, SILENCE, AudioPort
from faxhw.audio.recording import RecordedAudio
from faxhw.audio.wav import WavWriter
from faxhw.channel import Channel
from faxhw.cli.faxes import (
    RECEIVING,
    Fax,
    await_call,
    check_apart,
    check_file,
    open_line,
    parse_options,
    why_no_call,
)
from faxhw.cli.progress import Progress, progress
from faxhw.cli.shell import Exit, Shell, driver_options
from faxhw.errors import StorageError, UsageError
from faxhw.fax.documents import FaxToReceive


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the options ask for."""

    rings: int
    timeout: float | None
    seconds: float | None
    """Of the call, where no fax is received."""
    options: Sequence[str]
    device_options: Sequence[str]
    force: bool


def record(shell: Shell, device: str, recording: Path, fax: Path | None, wishes: Wishes) -> Exit:
    """Record one call; whatever is wrong with the arguments is found before the line is touched."""
    if fax is not None:
        check_file(fax, force=wishes.force)
        check_apart(recording, fax)
    options = parse_options(wishes.options)
    tape = _Tape(recording, replace=wishes.force)
    with progress(shell) as news:
        news.doing(f"opening {device}")
        try:
            tape.insert()
            with open_line(device, driver_options(wishes.device_options), options, tape.take) as channel:
                if not await_call(channel, news, wishes.rings, wishes.timeout):
                    return shell.failure(why_no_call(channel, wishes.timeout), Exit.NO_CALL)
                news.doing("answering")
                if channel.answer() is not channel.State.ANSWERED:
                    return shell.failure(why_no_call(channel, wishes.timeout), Exit.NO_CALL)
                if fax is None:
                    return _listen(shell, channel, news, tape, wishes.seconds)
                document = FaxToReceive(fax, replace=wishes.force)
                channel.FaxReceiver.start(document, options)
                code = Fax(channel, channel.FaxReceiver, document, news, RECEIVING).see_through(shell)
                news.say(f"the call's sound is in {recording}")
                return code
        finally:
            tape.eject()


class _Tape:
    """The file, from before the call to its end."""

    def __init__(self, path: Path, *, replace: bool) -> None:
        self.path = path
        self._replace = replace
        self._file: WavWriter | None = None
        self.audio: RecordedAudio | None = None
        """The call's sound, once there is any."""

    def insert(self) -> None:
        """Make the file. Raises ``StorageError``, and ``UsageError`` if it is there and is to stay."""
        try:
            self._file = WavWriter(self.path, replace=self._replace)
        except StorageError as error:
            if isinstance(error.__cause__, FileExistsError):
                raise UsageError(
                    f"{self.path} exists: name another file, or give --force to replace it"
                ) from error
            raise

    def take(self, audio: AudioPort) -> AudioPort:
        """Keep what passes through this port, if there is a file for it."""
        if self._file is None or self.audio is not None:
            return audio
        self.audio = RecordedAudio(audio, self._file)
        return self.audio

    def eject(self) -> None:
        """Finish the file; without a call there is none, or the one that there was."""
        if self.audio is not None:
            self.audio.finish()
        elif self._file is not None:
            self._file.close()
            if not self._file.replaces:
                self.path.unlink(missing_ok=True)


def _listen(shell: Shell, channel: Channel, news: Progress, tape: _Tape, seconds: float | None) -> Exit:
    """Say nothing until the far end hangs up, or the time is over, or an interrupt."""
    heard, code = 0, Exit.NORMAL
    news.doing("recording", lambda: f"{heard / RATE:.0f} s of sound")
    audio = tape.audio
    try:
        while audio is not None and (seconds is None or heard < seconds * RATE) and audio.transfer(SILENCE):
            heard += BLOCK
    except KeyboardInterrupt:
        code = Exit.INTERRUPTED
    channel.hang_up()
    news.say(f"{heard / RATE:.1f} s of sound in {tape.path}")
    return shell.outcome({"file": str(tape.path), "seconds": heard / RATE}, code)
