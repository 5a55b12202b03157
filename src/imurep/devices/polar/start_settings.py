"""Settings of a start, from what the sensor offers and what the service prefers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.devices.polar.control import Measurement, Setting

if TYPE_CHECKING:
    from imurep.devices.protocol import StreamRequest

_LOW_HZ = 25  # below it phases get coarse


def choose(
    measurement: Measurement, offered: dict[int, list[int]], stream_request: StreamRequest
) -> dict[Setting, int] | None:
    """Settings of a start; None when no rate is offered.

    The rate is the nearest to the requested one, slow ones only where there is nothing else. A range is the
    smallest that covers the requested one: clipping loses data, a coarse resolution does not. Of everything
    else, the most.
    """
    rates = [rate for rate in offered.get(Setting.RATE_HZ, []) if rate]
    fast = [rate for rate in rates if rate >= _LOW_HZ]
    if not rates:
        return None
    chosen = {
        Setting.RATE_HZ: min(fast or rates, key=lambda rate: (abs(rate - stream_request.rate_hz), -rate))
    }
    wanted = stream_request.acc_range_g if measurement is Measurement.ACC else stream_request.gyr_range_dps
    ranges = offered.get(Setting.RANGE, [])
    if offered.get(Setting.RESOLUTION_BITS):
        chosen[Setting.RESOLUTION_BITS] = max(offered[Setting.RESOLUTION_BITS])
    if ranges:
        chosen[Setting.RANGE] = min((one for one in ranges if one >= wanted), default=max(ranges))
    if offered.get(Setting.CHANNELS):
        chosen[Setting.CHANNELS] = max(offered[Setting.CHANNELS])
    return chosen
