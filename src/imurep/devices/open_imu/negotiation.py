"""Values of START, from what the sensor offers and what the service prefers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.devices.open_imu.control import Tag
from imurep.devices.open_imu.wire import Layout
from imurep.errors import PacketError

if TYPE_CHECKING:
    from imurep.devices.open_imu.control import Response
    from imurep.devices.protocol import StreamRequest

_LOW_HZ = 25.0  # below it phases get coarse
_RING_HZ = 104.0  # the rate and the values per sample that ``ring_ms`` is given for
_RING_VALUES = 6
_LINK_LOSS_S = 5
"""Time in which a sensor notices that the link is lost, and for which its memory has to last too."""


def choose(offered: Response, stream_request: StreamRequest, ring_ms: int) -> dict[Tag, int] | None:
    """Values of a START request; None when the offer is malformed or nothing in it can be counted from.

    A sensor without gyroscope is used for its accelerometer. The rate is the nearest to the requested
    one, slow ones only where there is nothing else. A range is the smallest that covers the requested one:
    clipping loses data, a coarse resolution does not. The sensor has to linger for as long as its memory
    lasts: samples after that would replace those right after the loss, which an open set needs first.

    Args:
        offered: The answer to CAPS.
        stream_request: What the service prefers.
        ring_ms: How much RESEND can bring back, at 104 Hz with both sensors; from info.

    """
    try:
        return _choose(offered, stream_request, ring_ms)
    except PacketError:
        return None


def _choose(offered: Response, stream_request: StreamRequest, ring_ms: int) -> dict[Tag, int] | None:
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
        values[Tag.LINGER_S] = min(int(max(longest)), max(1, int(ring_s) - _LINK_LOSS_S))
    return values
