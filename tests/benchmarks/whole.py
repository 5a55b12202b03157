"""How late the running service is, and what it costs: tables of the whole chain."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from firmware_sim.person.exercises import EXERCISES
from firmware_sim.person.plan import SetPlan
from firmware_sim.person.tempo import Tempo
from firmware_sim.person.workout import Session
from firmware_sim.sensor.sensor_setup import SensorSetup
from firmware_sim.sensor.wearer import Wearer
from tests.benchmarks.chain import crowd, virtual_latencies
from tests.benchmarks.latency import latencies, taken
from tests.radio.programs import Program

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.latency import Latency

MANY = 16
EXERCISE = "back_extension_45"
REPS = 30
TEMPO = "1-0-1-1"
SEED = 1
FIRST = "IMU-SIM"
"""Name of the first sensor."""
_LOOKS = 6


def show(minutes: float, sets: int, seconds: float) -> None:
    """Print the tables: so many minutes make an hour, sets have latencies, a process runs so long."""
    alone, many = _streamed(1, seconds), _streamed(MANY, seconds)
    print(
        "\nLatency: from the sample at which a rep's top is reached to the rep's first event in the service,"
        "\nfrom the third rep on. 'above' leaves out what the sample's packet still took to be full."
        "\nBound: 150.\n"
    )
    print(
        f"{'clock':20} {'interval':>8} {'reps':>5} {'p50 ms':>7} {'p95':>5} {'above, p50 ms':>14} {'p95':>5}"
    )
    for interval_ms in (30, 45):
        _latency("virtual", interval_ms, virtual_latencies(interval_ms / 1000, sets))
    for streamed in (alone, many):
        _latency(f"real, sensors: {streamed.sensors}", 30, streamed.latencies)

    print(
        f"\nCost: {seconds:g} s of streaming at 104 Hz in real time, Bluetooth stack included, the service's"
        "\nprocess alone. Bound: 2.\n"
    )
    print(f"{'sensors':>7} {'missing samples':>16} {'% of a core':>12}")
    for streamed in (alone, many):
        print(f"{streamed.sensors:7d} {streamed.missing:16d} {100 * streamed.cpu_part:12.2f}", flush=True)

    print("\nA crowd: sensors, air and service in one process, in virtual time. Bound: 0.\n")
    print(f"{'sensors':>7} {'cores':>6} {'missing samples':>16}")
    came, cores = crowd(MANY)
    print(f"{len(came):7d} {cores:6.2f} {sum(one.missing for one in came):16d}", flush=True)

    print(
        "\nMemory: what the whole chain holds more than at the stream's beginning, over"
        f"\n{minutes:g} minutes of virtual time. Bound: flat.\n"
    )
    print(f"{'after minute':>12} {'more MB':>8}")
    with Program("tests.benchmarks.memory", minutes, _LOOKS) as chain:
        for number in range(_LOOKS):
            minute, more_bytes = map(float, chain.line(number).split())
            print(f"{minute:12.1f} {more_bytes / 1e6:8.2f}", flush=True)


def _latency(clock: str, interval_ms: int, found: Sequence[Latency]) -> None:
    if not found:
        print(f"{clock:20} {interval_ms:5d} ms {0:5d}")
        return
    whole_ms, above_ms = (
        np.percentile([1000 * value for value in values], (50, 95))
        for values in ([one.whole_s for one in found], [one.above_s for one in found])
    )
    print(
        f"{clock:20} {interval_ms:5d} ms {len(found):5d} {whole_ms[0]:7.0f} {whole_ms[1]:5.0f}"
        f" {above_ms[0]:14.0f} {above_ms[1]:5.0f}",
        flush=True,
    )


@dataclass(frozen=True, slots=True)
class Streamed:
    """What a service's process did."""

    sensors: int
    cpu_part: float
    """Of one core."""
    missing: int
    latencies: list[Latency]
    """Of the first sensor's reps."""


def _streamed(sensors: int, seconds: float) -> Streamed:
    """Let sensors, in one process, stream to the service in another; they do back extensions."""
    with tempfile.TemporaryDirectory(prefix="imurep-bench-") as directory:
        worn_by = (
            *("--exercise", EXERCISE, "--sets", f"1x{REPS}", "--tempo", TEMPO),
            "--no-lead-in",
            "--seed",
            SEED,
        )
        with Program("firmware_sim", "serve", *worn_by, "--sensors", sensors) as worn:
            doing = worn.word("ready"), directory, EXERCISE, sensors, seconds
            with Program("tests.benchmarks.service", *doing) as service:
                output = json.loads(service.until(lambda line: line.startswith("{")))
        begin_unix_s = float(worn.word(f"begin {FIRST}"))
        kept = [taken(path) for path in Path(directory).glob("*.jsonl")]
    plan = SetPlan(exercise=EXERCISES[EXERCISE], reps=REPS, tempo=Tempo.parse(TEMPO))
    wearer = Wearer(Session(sets=(plan,), lead_in=False), SensorSetup(), SEED)
    published_unix_s = next(
        (
            times_unix_s
            for sensor, times_unix_s in output["told_unix_s"].items()
            if sensor.startswith(f"{FIRST} ")
        ),
        (),
    )
    late = latencies(wearer, begin_unix_s, published_unix_s, kept[0].samples)
    return Streamed(sensors, output["cpu_part"], sum(one.missing for one in kept), late)
