"""How long after a rep's top it is told of, by the truth of the simulated sensor."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from imurep.devices import decoder_for
from imurep.events import Notification
from imurep.recording import open_recording

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from firmware_sim.sensor.wearer import Wearer

FROM_REP = 3
"""Before that nobody can know that it is a set."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Of one rep: from its top, which truth has, to its first event."""

    whole_s: float
    above_s: float
    """Less what the top's packet still took to be full; negative: an earlier packet told of the rep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What of a sensor's stream has come."""

    samples: int
    """In a full packet."""
    missing: int
    """Samples that never came."""


def latencies(wearer: Wearer, begin_s: float, published_s: Sequence[float], samples: int) -> list[Latency]:
    """Latencies of the reps of a set; ``told_s``: when each was told of, ``samples``: in a packet."""
    rate_hz = wearer._worn.clock.rate_hz
    found = []
    (truth,) = wearer.sets
    for rep, at_s in list(zip(truth.reps, published_s, strict=False))[FROM_REP - 1 :]:
        assert rep.top_s is not None
        top = math.ceil(rep.top_s * rate_hz)
        full_s = (top // samples * samples + samples - 1) / rate_hz
        found.append(Latency(at_s - begin_s - rep.top_s, at_s - begin_s - full_s))
    return found


def taken(path: Path) -> Taken:
    """Look into a session of one stream that was kept."""
    decoder = decoder_for("open_imu")
    items = (item for item in open_recording(path) if isinstance(item, Notification))
    sizes: dict[int, int] = {}
    for packet in filter(None, map(decoder.feed, items)):
        assert packet.index is not None
        assert packet.acc_ms2 is not None
        sizes[packet.index] = len(packet.acc_ms2)
    first, last = min(sizes), max(sizes)
    return Taken(samples=max(sizes.values()), missing=last + sizes[last] - first - sum(sizes.values()))
