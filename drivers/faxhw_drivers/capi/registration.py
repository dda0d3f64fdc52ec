"""An application's standing at its CAPI, which outlasts the connection to it: lost, it is made anew."""

from __future__ import annotations

from collections.abc import Callable

from faxhw.capi import structures
from faxhw.capi.messages import Message
from faxhw.capi.structures import CIP_AUDIO, CIP_FAX, CIP_SPEECH, CIP_TELEPHONY
from faxhw.clock import Deadline
from faxhw.errors import DeviceError, PortError
from faxhw_drivers.capi.client import Client, RefusedError
from faxhw_drivers.capi.transports import Transport

_CIP_MASK = sum(1 << cip for cip in (CIP_SPEECH, CIP_AUDIO, CIP_TELEPHONY, CIP_FAX))
_TRIES = 6
"""How often the connection is made anew in waits for calls, each time after twice as long."""
_FIRST_PAUSE = 1.0
_MOMENT = 0.1


class Registration:
    """A registered application, for one controller."""

    def __init__(
        self,
        name: str,
        connect: Callable[[], Transport],
        controller: int,
        listener: Callable[[Message], bool],
        on_loss: Callable[[], None],
    ) -> None:
        """``connect`` registers, now and whenever the connection was lost, of which ``on_loss`` is told.

        Raises ``DeviceError``.
        """
        self.name = name
        self.controller = controller
        self.lost = False
        """Whether there is no connection, and no call therefore."""
        self.closed = False
        self._connect = connect
        self._listener = listener
        self._on_loss = on_loss
        self._listening = False
        self._failures = 0
        """Tries in a row to make the connection anew that came to nothing, in one wait or in several."""
        self._next_try: Deadline | None = None
        self.client = self._new_client()

    def _new_client(self) -> Client:
        client = Client(self._connect())
        client.listener = self._listener
        return client

    def profile(self) -> structures.Profile:
        """What the controller can do. Raises ``DeviceError`` if there is no such controller."""
        return structures.profile(self.client.profile(self.controller))

    def look(self) -> None:
        """Take what has come, without waiting; that the connection is lost is only noted."""
        if not self.lost:
            try:
                self.client.look()
            except PortError as error:
                self.lose(error)

    def lose(self, error: PortError) -> None:
        """Note that the connection is lost; raises the error where it was closed by ourselves."""
        if self.closed:
            raise error
        self.client.log.warning("%s: the connection to the CAPI is lost: %s", self.name, error)
        self.lost = True
        self.client.close()
        self._on_loss()

    def mend(self) -> None:
        """Make the connection anew if it is lost. Raises ``DeviceError``."""
        self.look()
        if not self.lost:
            return
        before = self.client
        self.client, self.lost = self._new_client(), False
        if before.interrupted:  # before, or while the CAPI took its time
            self.client.interrupt()
        if self.closed:
            self.client.close()
            raise PortError(f"{self.name}: the device was closed")
        self.client.log.info("%s: connected to the CAPI again", self.name)
        if self._listening:
            self._listen()

    def attend(self, deadline: Deadline) -> bool:
        """Be told of calls, over a connection that is made anew as often as makes sense.

        False if the time is up before that, or on an interruption. Raises ``DeviceError``.
        """
        while self._may_try(deadline):
            try:
                self.mend()
                if not self._listening:
                    self._listen()
            except RefusedError:
                raise
            except DeviceError as error:
                self._failures += 1
                if self.closed or self._failures == _TRIES:
                    self._forget_failures()
                    raise
                pause = _FIRST_PAUSE * 2 ** (self._failures - 1)
                self.client.log.warning("%s; once more in %.0f s", error, pause)
                self._next_try = Deadline(self.client.clock, pause)
            else:
                self._forget_failures()
                return True
        return False

    def _may_try(self, deadline: Deadline) -> bool:
        """Wait for the next try; False if the time is up before that, or on an interruption."""
        if self._next_try is None:
            return True
        while not self._next_try.passed():
            if deadline.passed() or self.client.interrupted or self.closed:
                return False
            self.client.clock.sleep(_MOMENT)
        return True

    def _forget_failures(self) -> None:
        self._failures, self._next_try = 0, None

    def refresh(self) -> None:
        """Listen once more, which tells whether the CAPI is still there; if not, the connection is lost."""
        try:
            self._listen()
        except RefusedError:
            raise
        except DeviceError as error:
            self.lose(PortError(str(error)))

    def _listen(self) -> None:
        self.client.request("LISTEN_REQ", controller=self.controller, cip_mask=_CIP_MASK)
        self._listening = True

    def close(self) -> None:
        """Release the application: the controller ends its calls. Safe to repeat, and from any thread."""
        if not self.closed:
            self.closed = True
            self.client.close()
