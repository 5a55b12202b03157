"""The table of emulated sensors. Needs no Bumble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_sim.sensor.emulated import gsp, pmd, wit

if TYPE_CHECKING:
    from collections.abc import Callable

    from firmware_sim.sensor.emulated.voice import Emulation
    from firmware_sim.sensor.sense import Sensing
    from firmware_sim.sensor.stream import Part

_PMD = "FB005C8{}-02E7-F387-1CAD-8ACD2D8DF0C8"
_GSP = "3480{}-7185-4D5D-B431-630E7050E8F0"
_WIT = "0000FF{}-0000-1000-8000-00805F9A34FB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What one looks like from outside."""

    name: str
    """That it advertises."""
    advertised: tuple[str, ...]
    service: str
    data: str
    control: str | None = None
    """That answers by indications."""
    command: str | None = None
    """That is only written."""
    battery: bool = True
    highest_mtu: int
    sensing: Sensing
    """What it measures when it is asked for what it usually is."""
    firmware: Callable[[Part], Emulation]


def _polar(name: str, model: pmd.Model) -> Kind:
    return Kind(
        name=name,
        advertised=("180D", "FEEE"),
        service=_PMD.format(0),
        control=_PMD.format(1),
        data=_PMD.format(2),
        highest_mtu=232,
        sensing=model.sensing,
        firmware=lambda part: pmd.Pmd(part, model),
    )


KINDS = {
    "h10": _polar("Polar H10 00000001", pmd.H10),
    "verity": _polar("Polar Sense 00000001", pmd.VERITY),
    "verity-old": _polar("Polar Sense 00000002", pmd.VERITY_OLD),
    "movesense": Kind(
        name="Movesense 000000000001",
        advertised=("FDF3", "180D"),
        service=_GSP.format("2252"),
        command=_GSP.format("0001"),
        data=_GSP.format("0002"),
        highest_mtu=161,
        sensing=gsp.SENSING,
        firmware=gsp.Gsp,
    ),
    "wt901": Kind(
        name="WT901BLE67",
        advertised=(_WIT.format("E5"),),
        service=_WIT.format("E5"),
        command=_WIT.format("E9"),
        data=_WIT.format("E4"),
        battery=False,
        highest_mtu=247,
        sensing=wit.SENSING,
        firmware=wit.Wit,
    ),
}
"""By what ``serve --kind`` calls them."""
