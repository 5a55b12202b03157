"""The emulated sensors by name. Needs no Bumble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_sim.sensor.emulated import movesense, polar, witmotion

if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware_sim.sensor.emulated.emulated_firmware import EmulatedFirmware
    from firmware_sim.sensor.measurement import ImuSettings
    from firmware_sim.sensor.stream import Imu

_PMD = "FB005C8{}-02E7-F387-1CAD-8ACD2D8DF0C8"
_GSP = "3480{}-7185-4D5D-B431-630E7050E8F0"
_WIT = "0000FF{}-0000-1000-8000-00805F9A34FB"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatedModel:
    """How a sensor appears to a central, and its firmware."""

    name: str
    """Advertised name."""
    advertised: tuple[str, ...]
    """UUIDs of advertised services."""
    service: str
    data: str
    """Characteristic that notifies."""
    control: str | None = None
    """Characteristic that is written and answers by indications."""
    command: str | None = None
    """Characteristic that is only written."""
    battery: bool = True
    highest_mtu: int
    imu_settings: ImuSettings
    """Usual settings of its IMU."""
    firmware: Callable[[Imu], EmulatedFirmware]


def _polar(name: str, model: polar.PolarModel) -> EmulatedModel:
    return EmulatedModel(
        name=name,
        advertised=("180D", "FEEE"),
        service=_PMD.format(0),
        control=_PMD.format(1),
        data=_PMD.format(2),
        highest_mtu=232,
        imu_settings=model.imu_settings,
        firmware=lambda imu: polar.PolarFirmware(imu, model),
    )


MODELS = {
    "polar-h10": _polar("Polar H10 00000001", polar.H10),
    "polar-verity": _polar("Polar Sense 00000001", polar.VERITY),
    "polar-verity-old": _polar("Polar Sense 00000002", polar.VERITY_OLD),
    "movesense": EmulatedModel(
        name="Movesense 000000000001",
        advertised=("FDF3", "180D"),
        service=_GSP.format("2252"),
        command=_GSP.format("0001"),
        data=_GSP.format("0002"),
        highest_mtu=161,
        imu_settings=movesense.IMU_SETTINGS,
        firmware=movesense.MovesenseFirmware,
    ),
    "witmotion": EmulatedModel(
        name="WT901BLE67",
        advertised=(_WIT.format("E5"),),
        service=_WIT.format("E5"),
        command=_WIT.format("E9"),
        data=_WIT.format("E4"),
        battery=False,
        highest_mtu=247,
        imu_settings=witmotion.IMU_SETTINGS,
        firmware=witmotion.WitMotionFirmware,
    ),
}
"""Emulated sensors by their names on the command line."""
ALIASES = {
    "polar": "polar-h10",
    "h10": "polar-h10",
    "verity": "polar-verity",
    "verity-old": "polar-verity-old",
    "wt901": "witmotion",
}
"""Other names that are accepted, among them those of earlier versions."""


def find_model(name: str) -> EmulatedModel:
    """Return an emulated sensor by its name or alias. Raises KeyError."""
    return MODELS[ALIASES.get(name, name)]
