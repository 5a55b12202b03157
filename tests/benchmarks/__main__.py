"""``python -m tests.benchmarks``: print the ratios."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import shutil
from typing import TYPE_CHECKING

from imurep.service.demo_broker import find_mosquitto
from tests.benchmarks.hours import PACKET, RATE_HZ, hours
from tests.benchmarks.measure import LATE_S, LOST, batch, day, live, rewind
from tests.benchmarks.whole import show
from tests.broker.latency import latencies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.benchmarks.hours import Hour

DAY_H = 24
MESSAGES = 500
SCREEN_REPS = 200
LOADS = 10
_SHOWN = (1, 2, 6, 12, 18, 23, 24)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--minutes", type=float, default=60.0, metavar="M", help="length of each hour (default: 60)"
    )
    parser.add_argument("--repeats", type=int, default=5, metavar="N", help="default: 5")
    parser.add_argument(
        "--seconds", type=float, default=30.0, metavar="S", help="of the service in real time (default: 30)"
    )
    args = parser.parse_args(argv)
    print(f"making three simulated hours at {RATE_HZ} Hz ...", flush=True)
    made = hours(60.0 * args.minutes)
    _batch(made, args.repeats)
    _live(made, max(1, args.repeats // 2))
    _rewind(made, max(1, args.repeats // 2))
    _day(made[0])
    show(args.minutes, args.repeats, args.seconds)
    _mqtt()
    _screen()


def page_lacks() -> list[str]:
    """What has to be installed before the page can be measured."""
    missing = ["playwright"] if importlib.util.find_spec("playwright") is None else []
    missing += ["chromium"] if shutil.which("chromium") is None else []
    missing += ["mosquitto"] if find_mosquitto() is None else []
    return missing


def _screen() -> None:
    missing = page_lacks()
    print(
        "\nThe page: from a provisional rep leaving the service to its number on the screen, on loopback."
        f" {SCREEN_REPS} reps.\n"
    )
    if missing:
        print(f"not measured: {', '.join(missing)} not installed")
        return
    from tests.benchmarks.page import loads, screen_ms  # noqa: PLC0415 needs what was just looked for

    took_ms = screen_ms(SCREEN_REPS)
    p50, p95 = (took_ms[round(part * (SCREEN_REPS - 1))] for part in (0.5, 0.95))
    print(
        f"p50 {p50:.1f} ms   p95 {p95:.1f} ms   slowest {took_ms[-1]:.1f} ms   Bound: p95 below 100 ms.",
        flush=True,
    )
    print(
        f"\nThe page: from its address to showing a set that goes on, on loopback; {LOADS} browsers."
        " Bound: 1000 ms.\n"
    )
    print(f"{'':24} {'scripts ran':>11} {'live: median ms':>16} {'slowest ms':>11}")
    for name, found in zip(("never seen before", "opened again"), loads(LOADS), strict=True):
        middle = found[len(found) // 2]
        print(
            f"{name:24} {middle.ready_ms:11.0f} {middle.live_ms:16.0f} {found[-1].live_ms:11.0f}", flush=True
        )


def _batch(made: Sequence[Hour], repeats: int) -> None:
    print(
        "\nOne call: imurep.analyze(...) against vqf.VQF(1/104).updateBatch(...) over the same hour."
        f"\nFastest of {repeats}, taking turns. Bound: 2.5.\n"
    )
    print(f"{'hour':24} {'samples':>8} {'vqf ms':>8} {'analyze ms':>11} {'ratio':>7}")
    for hour in made:
        ratio = batch(hour, repeats)
        print(
            f"{hour.name:24} {len(hour.time_us):8d} {1e3 * ratio.bare_s:8.1f}"
            f" {1e3 * ratio.whole_s:11.1f} {ratio.value:7.2f}",
            flush=True,
        )


def _live(made: Sequence[Hour], repeats: int) -> None:
    print(
        f"\nLive: Pipeline.push(notification) of {PACKET} samples, bytes to events, against VQF's updateBatch"
        f"\nof those {PACKET}. Mean over the hour, each packet the fastest of {repeats}. Bound: 20.\n"
    )
    print(f"{'hour':24} {'vqf us':>8} {'push us':>8} {'ratio':>7} {'median us':>10} {'slowest us':>11}")
    for hour in made:
        found = live(hour, repeats)
        print(
            f"{hour.name:24} {1e6 * found.mean.bare_s:8.2f} {1e6 * found.mean.whole_s:8.1f}"
            f" {found.mean.value:7.1f} {1e6 * found.median_s:10.1f} {1e6 * found.slowest_s:11.0f}",
            flush=True,
        )


def _rewind(made: Sequence[Hour], repeats: int) -> None:
    print(
        f"\nLate: {LOST} packets of {PACKET} come {LATE_S:g} s late. The push that gives them up copies"
        f"\nthe count, that of the last of them counts all since again. Fastest of {repeats}.\n"
    )
    print(f"{'hour':24} {'copy ms':>8} {'recount ms':>11}")
    for hour in made:
        found = rewind(hour, repeats)
        print(f"{hour.name:24} {1e3 * found.copy_s:8.1f} {1e3 * found.recount_s:11.1f}", flush=True)


def _day(hour: Hour) -> None:
    print(
        f"\nA day: the hour '{hour.name}' {DAY_H} times over as one session, counters and clocks going on,"
        f"\nin packets of {PACKET}. Processor time per packet, and memory of the whole process."
        " Bound: flat.\n"
    )
    print(f"{'after hour':>10} {'push us':>8} {'memory MB':>10}")
    for number, now in enumerate(day(hour, DAY_H), start=1):
        if number in _SHOWN:
            memory = f"{now.memory_bytes / 1e6:10.1f}" if now.memory_bytes else f"{'unknown':>10}"
            print(f"{number:10d} {1e6 * now.packet_s:8.1f} {memory}", flush=True)


def _mqtt() -> None:
    if find_mosquitto() is None:
        print("\nMQTT: mosquitto is not installed, so nothing is measured.")
        return
    print(
        f"\nMQTT: {MESSAGES} events of reps, from the pipeline's event to a subscriber, through mosquitto on"
        "\nloopback, and the same bytes by the subscriber's own connection. Bound: 20 ms (p95).\n"
    )
    print(f"{'':24} {'median ms':>10} {'p95 ms':>8} {'slowest ms':>11}")
    reps, bare = asyncio.run(latencies(MESSAGES))
    for name, found in (("rep event", reps), ("broker's round trip", bare)):
        print(
            f"{name:24} {1e3 * found.median_s:10.2f} {1e3 * found.p95_s:8.2f} {1e3 * found.slowest_s:11.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
