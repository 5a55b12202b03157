"""What START can choose on this IMU, and what it has chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from firmware_sim.sensor import lsm6dso, packets
from firmware_sim.sensor.control import Capabilities, RefusedError, Status

if TYPE_CHECKING:
    from firmware_sim.sensor.control import Start
    from firmware_sim.sensor.measurement import ImuSettings

ACC = packets.LAYOUT_ACC
BOTH = packets.LAYOUT_ACC | packets.LAYOUT_GYR


def features(usual: ImuSettings) -> int:
    """Feature bits of info for an IMU with these usual settings."""
    always = packets.FEATURE_RESEND | packets.FEATURE_CLOCK | packets.FEATURE_IDENTIFY
    return always | packets.FEATURE_LINGER | (packets.FEATURE_GYROSCOPE if usual.gyroscope else 0)


def capabilities(usual: ImuSettings, longest_linger_s: int) -> Capabilities:
    """List all choices."""
    return Capabilities(
        rates_mhz=[1000 * rate_hz for rate_hz in lsm6dso.RATES_HZ],
        layouts=[ACC, BOTH] if usual.gyroscope else [ACC],
        acc_ranges_g=list(lsm6dso.ACC_G_PER_LSB),
        gyr_ranges_dps=list(lsm6dso.GYR_DPS_PER_LSB) if usual.gyroscope else [],
        longest_linger_s=longest_linger_s,
    )


def chosen(start: Start, usual: ImuSettings) -> ImuSettings:
    """Return the settings that START asks for. Raises RefusedError for what the IMU cannot do."""
    if start.rate_mhz not in {1000 * rate_hz for rate_hz in lsm6dso.RATES_HZ}:
        raise RefusedError(Status.RATE)
    acc_range_g = usual.acc_range_g if start.acc_range_g is None else start.acc_range_g
    gyr_range_dps = usual.gyr_range_dps if start.gyr_range_dps is None else start.gyr_range_dps
    if (
        start.layout not in ({ACC, BOTH} if usual.gyroscope else {ACC})
        or acc_range_g not in lsm6dso.ACC_G_PER_LSB
        or gyr_range_dps not in lsm6dso.GYR_DPS_PER_LSB
    ):
        raise RefusedError(Status.RANGE_OR_LAYOUT)
    return replace(
        usual,
        rate_hz=start.rate_mhz // 1000,
        acc_range_g=acc_range_g,
        gyr_range_dps=gyr_range_dps,
        gyroscope=start.layout == BOTH,
    )
