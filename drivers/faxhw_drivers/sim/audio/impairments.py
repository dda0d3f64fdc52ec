"""What befalls the sound of a call on its way from one end to the other."""

from __future__ import annotations

from dataclasses import dataclass

from faxhw.audio.laws import Law


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """A sound that comes again."""

    delay: float
    """Seconds after the sound itself."""
    loss: float
    """By how many dB it is weaker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impairments:
    """Of one way, in the order in which they befall the sound. Levels in dBm0, times in seconds."""

    gain: float = 0.0
    """dB by which the sound is louder, or below 0 weaker."""
    band_limits: bool = False
    """Whether only 300 to 3400 Hz pass, as on an analogue line."""
    noise: float | None = None
    """Level of the white noise that is always there; ``None``: there is none."""
    burst_every: float = 0.0
    """Mean time from the end of a burst of noise to the next; 0: there are none."""
    burst_length: float = 0.05
    burst_level: float = -6.0
    law: Law | None = None
    """The law by which the network codes the sound; ``None``: it is linear all the way."""
    dropped: float = 0.0
    """Share of blocks in whose place there is silence, as where a network of packets loses some."""
    doubled_every: float = 0.0
    """Time from one sample that comes twice to the next; 0: there are none. Each makes the way longer."""
    lost_every: float = 0.0
    """Time from one sample that is lost to the next; 0: there are none. Each makes the way shorter: it has a
    margin of ``SLIP_MARGIN`` samples on top of its delay, and silence fills in once that is used up."""
    delay: float = 0.0
    """How long the way is."""
    near_echo: Echo | None = None
    """What whoever speaks hears of it at its own end."""
    far_echo: Echo | None = None
    """What the far end sends back of it: that comes by the other way, with all that befalls it there, and a
    block later than the delays say."""
    cut: float | None = None
    """Time from the line's beginning at which the call is gone, for both ends; ``None``: it stands."""


CLEAN = Impairments()
SLIP_MARGIN = 800
