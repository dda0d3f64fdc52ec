"""Keeping the sound of a call: an audio port that writes both ways to a file of two channels.

The disk may be slow or full, and the call goes on all the same: writing is a thread's, and ends with a line
in the log where it cannot keep up.
"""

from __future__ import annotations

import logging

from faxhw.audio.port import BLOCK_OCTETS, RATE, AudioPort, lag_of
from faxhw.audio.wav import WavWriter
from faxhw.clock import Clock

log = logging.getLogger("faxhw.audio")

_ENOUGH = 2 * RATE
"""Octets each way that are worth writing: a second."""
_TOO_MUCH = 300 * _ENOUGH
"""Octets each way that may wait for the disk."""
_CLOSING_TIME = 5.0
"""Seconds that the end of a recording waits for the disk."""


class RecordedAudio:
    """A port through which another one's sound passes and is kept: first what is said, then what is heard."""

    def __init__(self, audio: AudioPort, file: WavWriter) -> None:
        self._audio = audio
        self._file = file
        self._monitor = audio.clock.monitor()
        self._said, self._heard = bytearray(), bytearray()
        self._over = False
        self._writer = audio.clock.spawn(self._write, f"recording {audio.name}")

    @property
    def name(self) -> str:
        return self._audio.name

    @property
    def clock(self) -> Clock:
        return self._audio.clock

    @property
    def lag(self) -> int:
        """As ``lag_of`` has it."""
        return lag_of(self._audio)

    def transfer(self, said: bytes) -> bytes:
        heard = self._audio.transfer(said)
        if heard:
            self._keep(said, heard)
        return heard

    def skip(self) -> int:
        samples = self._audio.skip()
        for start in range(0, 2 * samples, BLOCK_OCTETS):  # so that the time in the file is that of the call
            nothing = bytes(min(BLOCK_OCTETS, 2 * samples - start))
            self._keep(nothing, nothing)
        return samples

    def close(self) -> None:
        """Close the port, and end the recording."""
        self._audio.close()
        self.finish()

    def finish(self) -> None:
        """End the recording: what was kept is in the file, if the disk takes it within some seconds."""
        with self._monitor:
            self._over = True
            self._monitor.notify_all()
        if not self._writer.join(_CLOSING_TIME):
            log.error("%s: the disk has not answered for %.0f s", self._file.name, _CLOSING_TIME)

    # ------------------------------------------------------------------------------------------------------

    def _keep(self, said: bytes, heard: bytes) -> None:
        with self._monitor:
            if self._over:
                return
            self._said += said
            self._heard += heard
            if len(self._heard) > _TOO_MUCH:
                self._stop("the disk does not keep up")
            if len(self._heard) >= _ENOUGH:
                self._monitor.notify_all()

    def _stop(self, why: object) -> None:
        """The recording ends here, and the call goes on; the monitor is held."""
        log.error("%s: the recording of %s ends early: %s", self._file.name, self.name, why)
        self._over = True

    def _write(self) -> None:
        while True:
            with self._monitor:
                self._monitor.wait_for(lambda: self._over or len(self._heard) >= _ENOUGH)
                said, heard, over = bytes(self._said), bytes(self._heard), self._over
                self._said.clear()
                self._heard.clear()
            try:
                if heard:
                    self._file.add(said, heard)
            except OSError as error:
                with self._monitor:
                    self._stop(error.strerror or error)
                over = True
            if over:
                self._file.close()
                return
