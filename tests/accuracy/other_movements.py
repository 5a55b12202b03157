"""Movements that are no exercise we know, with a walk before them so that upright is seen.

Made ones are crude on purpose: what counts is where the trunk goes. Real ones
are recordings of ``--data``, with a walk of the same person in front of them,
or one that is made where that person's upright is known well enough.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from imurep.events import Packet
from imurep.recording import open_recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

G_MS2 = 9.80665
RATE_HZ = 50.0
WALK_S = 14.0
STEPS_HZ = 1.8


@dataclass(frozen=True, slots=True, eq=False)
class Other:
    """Samples of one person's session."""

    kind: str
    name: str
    time_us: NDArray[np.int64]
    acc_ms2: Floats
    gyr_rads: Floats | None


@dataclass(frozen=True, slots=True)
class Shape:
    """A made movement: where the trunk is at its two ends, and how long it takes."""

    kind: str
    first_deg: tuple[float, float]
    """Lean, positive forward, at the end where it starts; drawn from here."""
    second_deg: tuple[float, float]
    rep_s: tuple[float, float]
    twist_deg: tuple[float, float] = (0.0, 0.0)
    """Turn about the trunk at the second end."""
    heading_deg: tuple[float, float] = (0.0, 0.0)
    """Turn about the vertical at the second end."""
    drop_m: tuple[float, float] = (0.0, 0.0)
    """How much the whole body sinks at the second end."""


SHAPES = (
    Shape("waist bends with turns", (0, 5), (50, 85), (2.5, 5.0), twist_deg=(25, 60)),
    Shape("waist bends, turning", (0, 5), (50, 85), (2.5, 5.0), heading_deg=(30, 90)),
    Shape("sit-ups", (-93, -85), (-20, 10), (2.0, 4.0)),
    Shape("crunches", (-93, -85), (-65, -50), (1.5, 3.0)),
    Shape("push-ups", (66, 74), (84, 92), (1.4, 3.0), drop_m=(0.25, 0.35)),
    Shape("squats", (0, 5), (25, 45), (2.0, 4.0), drop_m=(0.4, 0.6)),
    Shape("deep squats, leaning far", (0, 5), (45, 60), (2.0, 3.5), drop_m=(0.45, 0.65)),
    Shape("rowing on a machine", (20, 30), (-30, -15), (1.8, 3.2)),
    Shape("bent-over rows", (45, 60), (62, 80), (1.5, 3.0)),
    Shape("side bends", (0, 2), (0, 4), (2.0, 4.0), twist_deg=(0, 0), heading_deg=(0, 0)),
)


def made(seed: int, each: int) -> Iterator[Other]:
    """So many people per movement."""
    for at, shape in enumerate(SHAPES):
        for person in range(each):
            rng = np.random.default_rng([seed, at, person])
            yield _made(shape, person, rng)


def _made(shape: Shape, person: int, rng: np.random.Generator) -> Other:
    first_deg, second_deg = rng.uniform(*shape.first_deg), rng.uniform(*shape.second_deg)
    rep_s = rng.uniform(*shape.rep_s)
    side_deg = rng.uniform(20, 40) if shape.kind == "side bends" else 0.0
    # From one posture to the next: lean, side, twist, heading, sink, and the time it takes.
    rest = np.zeros(5)
    one = np.array([first_deg, 0.0, 0.0, 0.0, 0.0])
    other = np.array(
        [
            second_deg,
            side_deg,
            rng.uniform(*shape.twist_deg),
            rng.uniform(*shape.heading_deg),
            rng.uniform(*shape.drop_m),
        ]
    )
    stations: list[tuple[Floats, float]] = [(rest, WALK_S), (rest, 2.0), (one, 2.5), (one, 1.5)]
    for _ in range(8):
        share_s = rep_s * rng.uniform(0.45, 0.55)
        stations += [(other + rng.normal(0, [1.5, 1, 1, 1, 0.01]), share_s)]
        stations += [(one + rng.normal(0, [1.5, 1, 1, 1, 0.0]), rep_s - share_s)]
    stations += [(one, 2.0), (rest, 2.5), (rest, 3.0)]
    pieces = []
    for (begin, _), (end, seconds) in pairwise([(rest, 0.0), *stations]):
        part = np.arange(round(seconds * RATE_HZ)) / (seconds * RATE_HZ)
        eased = part**3 * (10 - 15 * part + 6 * part**2)
        pieces.append(begin + eased[:, None] * (end - begin))
    path = np.concatenate(pieces)
    acc_ms2, gyr_rads = _sensed(path, rng)
    time_us = np.rint(np.arange(len(path)) * 1e6 / RATE_HZ).astype(np.int64)
    return Other(shape.kind, f"{shape.kind} {person}", time_us, acc_ms2, gyr_rads)


def _sensed(path: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """What a sensor on the trunk reads: the trunk turned by heading, lean, side and twist, in this order."""
    lean, side, twist, heading = np.radians(path[:, :4]).T
    turn = _about(0, heading) @ _about(1, lean) @ _about(2, side) @ _about(0, twist)
    walking = np.arange(len(path)) < WALK_S * RATE_HZ
    steps = 2.0 * np.sin(2 * np.pi * STEPS_HZ * np.arange(len(path)) / RATE_HZ) * walking
    sink = -np.gradient(np.gradient(path[:, 4])) * RATE_HZ**2
    force = np.zeros((len(path), 3))
    force[:, 0] = G_MS2 + steps + sink
    acc_ms2 = np.einsum("nji,nj->ni", turn, force)
    change = np.einsum("nji,njk->nik", turn[:-1], turn[1:])
    rate = np.stack([change[:, 2, 1], change[:, 0, 2], change[:, 1, 0]], axis=1) * RATE_HZ
    gyr_rads = np.concatenate([rate[:1], rate])
    mounting = _any_rotation(rng)
    noise = rng.normal(0, 1, (2, len(path), 3))
    return acc_ms2 @ mounting.T + 0.08 * noise[0], gyr_rads @ mounting.T + math.radians(0.3) * noise[1]


def _about(axis: int, angle: Floats) -> Floats:
    turn = np.zeros((len(angle), 3, 3))
    a, b = [(1, 2), (2, 0), (0, 1)][axis]
    turn[:, axis, axis] = 1
    turn[:, a, a] = turn[:, b, b] = np.cos(angle)
    turn[:, b, a], turn[:, a, b] = np.sin(angle), -np.sin(angle)
    return turn


def _any_rotation(rng: np.random.Generator) -> Floats:
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return np.ascontiguousarray(q * np.sign(np.linalg.det(q)))


def real(data: Path) -> Iterator[Other]:
    """Real recordings in which something is done that is none of ours, or a hinge."""
    for path in sorted(data.glob("flextail/*.csv.gz")):
        who, kind = path.name.removesuffix(".csv.gz").split("_", 1)
        upright = data / "flextail" / f"{who}_overhead_press_b.csv.gz"
        yield _joined(f"flextail {kind[:-2]}", path, _standing(upright, path))
    for path in sorted(data.glob("dsa/*_a17_rowing.csv.gz")):
        walk = path.with_name(f"{path.name[:2]}_a09_walk_parking.csv.gz")
        yield _joined("dsa rowing", path, _samples(walk, 20.0))
    for kind in ("knee_bend", "waist_bend", "arm_raise"):
        for path in sorted(data.glob(f"mhealth/*_{kind}.csv.gz")):
            walk = path.with_name(f"{path.name[:3]}_walking.csv.gz")
            yield _joined(f"mhealth {kind}", path, _samples(walk, 20.0))


Samples = tuple["NDArray[np.int64]", "Floats", "Floats | None"]


def _samples(path: Path, most_s: float = math.inf) -> Samples:
    packets = [packet for packet in open_recording(path) if isinstance(packet, Packet)]
    time_us = np.concatenate([one.stamps_us for one in packets if one.stamps_us is not None])
    acc = np.concatenate([one.acc_ms2 for one in packets if one.acc_ms2 is not None])
    rates = [one.gyr_rads for one in packets if one.gyr_rads is not None]
    kept = time_us - time_us[0] < min(most_s, 1e6) * 1e6
    return time_us[kept], acc[kept], np.concatenate(rates)[kept] if rates else None


def _standing(pressing: Path, path: Path) -> Samples:
    """A made walk in the pose that a person has on average while pressing overhead: standing."""
    _, acc, _ = _samples(pressing)
    up = np.median(acc, axis=0)
    up /= np.linalg.norm(up)
    step_us = float(np.median(np.diff(_samples(path)[0])))
    n = round(WALK_S * 1e6 / step_us)
    force = G_MS2 + 2.0 * np.sin(2 * np.pi * STEPS_HZ * np.arange(n) * step_us * 1e-6)
    time_us = np.rint(np.arange(n) * step_us).astype(np.int64)
    return time_us, force[:, None] * up, np.zeros((n, 3))


def _joined(kind: str, path: Path, before: Samples) -> Other:
    time_us, acc, gyr = _samples(path)
    walk_us, walk_acc, walk_gyr = before
    shifted_us = time_us - time_us[0] + walk_us[-1] + 40_000
    both = None if gyr is None or walk_gyr is None else np.concatenate([walk_gyr, gyr])
    return Other(
        kind,
        path.name,
        np.concatenate([walk_us, shifted_us]),
        np.concatenate([walk_acc, acc]),
        both,
    )
