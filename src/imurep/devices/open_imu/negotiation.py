"""What to START, from what the sensor offers and what the service would like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.devices.open_imu.control import Tag
from imurep.devices.open_imu.wire import Layout

if TYPE_CHECKING:
    from imurep.devices.open_imu.control import Response
    from imurep.devices.protocol import StreamRequest

_LOW_HZ = 25.0  # below it phases get coarse
_RING_HZ = 104.0  # the rate and the values per sample that ``ring_ms`` is told for
_RING_VALUES = 6
_NOTICED_S = 5
"""A sensor may take so long to notice that the link is lost; its memory has to last for that too."""


def choose(offered: Response, stream_request: StreamRequest, ring_ms: int) -> dict[Tag, int] | None:
    """Values of a START request; None when the sensor offers nothing that can be counted from.

    A sensor without gyroscope is used for its accelerometer. The rate is the nearest to the wish, slow ones
    only where there is nothing else. A range is the smallest that holds the wish: what is clipped is lost,
    what is coarse is not. The sensor is asked to linger for as long as its memory lasts: what it took
    after that would push out the samples right after the loss, which a set that was under way needs first.

    Args:
        offered: The answer to CAPS.
        stream_request: What the service prefers.
        ring_ms: How much RESEND can bring back, at 104 Hz with both sensors; from info.

    Raises PacketError when the offer is malformed.
    """
    layouts = [int(layout) for layout in offered.all(Tag.LAYOUT)]
    usable = [n for n in layouts if n & Layout.ACC and not n & ~(Layout.ACC | Layout.GYR | Layout.MAG)]
    rates_mhz = [int(rate) for rate in offered.all(Tag.RATE_MHZ) if rate]
    if not usable or not rates_mhz:
        return None
    layout = min(usable, key=lambda n: (bool(n & Layout.GYR) != stream_request.gyroscope, n.bit_count()))
    fast = [rate for rate in rates_mhz if rate >= _LOW_HZ * 1000]
    rate_mhz = min(fast or rates_mhz, key=lambda rate: (abs(rate - stream_request.rate_hz * 1000), -rate))
    values = {Tag.RATE_MHZ: rate_mhz, Tag.LAYOUT: layout, Tag.LATENCY_MS: stream_request.latency_ms}
    ranges = [(Tag.ACC_RANGE_G, stream_request.acc_range_g)]
    if layout & Layout.GYR:
        ranges.append((Tag.GYR_RANGE_DPS, stream_request.gyr_range_dps))
    for tag, wanted in ranges:
        there = [int(one) for one in offered.all(tag)]
        if there:
            values[tag] = min((one for one in there if one >= wanted), default=max(there))
    longest = offered.all(Tag.LINGER_S)
    if longest:
        ring_s = ring_ms / 1000 * _RING_HZ * _RING_VALUES / (rate_mhz / 1000 * 3 * layout.bit_count())
        values[Tag.LINGER_S] = min(int(max(longest)), max(1, int(ring_s) - _NOTICED_S))
    return values
