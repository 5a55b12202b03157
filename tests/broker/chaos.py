"""``python -m tests.broker.chaos [--rounds N]``: everything breaks, again and again, while sets are counted.

The broker is stopped and killed, the service is killed, the network is cut in
two ways, the disk is full. A subscriber with a persistent session notes what
arrives.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.broker.mosquitto import Mosquitto
from tests.broker.proxy import Cable, Proxy
from tests.broker.service import CORRECTED_EVERY

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

ROOT = Path(__file__).parents[2]
BACK_S = 5.0
"""The service has to be connected again so soon after the broker answers."""
END_S = 60.0


@dataclass
class Figures:
    """What came of it."""

    produced: int = 0
    received: list[tuple[str, int]] = field(default_factory=list)
    """Id and version of each message that arrived, in order."""
    different: list[str] = field(default_factory=list)
    """Ids of which two messages of one version differ."""
    back_s: list[tuple[str, float]] = field(default_factory=list)
    """Fault, and how long the service took after it."""
    disk_problems: int = 0

    @property
    def expected(self) -> list[tuple[str, int]]:
        return [
            (f"session-{number:06d}", version)
            for number in range(self.produced)
            for version in (1, 2)[: 1 + (number % CORRECTED_EVERY == 0)]
        ]

    @property
    def firsts(self) -> list[tuple[str, int]]:
        """What arrived, each once, in the order of its first arrival."""
        return list(dict.fromkeys(self.received))

    @property
    def lost(self) -> list[tuple[str, int]]:
        return sorted(set(self.expected) - set(self.received))

    def __str__(self) -> str:
        worst: dict[str, float] = {}
        for fault, seconds in self.back_s:
            worst[fault] = max(worst.get(fault, 0.0), seconds)
        times = Counter(fault for fault, _ in self.back_s)
        lines = [
            f"Bound: back {BACK_S:g} s after the broker; a killed service has to start first.",
            f"{'fault':16} {'times':>5} {'back after at most':>18}",
            *(f"{fault:16} {times[fault]:5} {seconds:16.2f} s" for fault, seconds in sorted(worst.items())),
            f"sets {self.produced}, versions {len(self.expected)}, messages {len(self.received)}",
            (
                f"lost {len(self.lost)}, duplicates {len(self.received) - len(self.firsts)},"
                f" of one version but different {len(self.different)},"
                f" order {'kept' if self.firsts == self.expected else 'BROKEN'}"
            ),
        ]
        return "\n".join(lines)


class Subscriber:
    """A dashboard with a persistent session, on paho, which does not forget what it acknowledged."""

    def __init__(self, port: int, figures: Figures) -> None:
        self._figures = figures
        self._payloads: dict[tuple[str, int], bytes] = {}
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id="dashboard", clean_session=False, protocol=paho.MQTTv311
        )
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe("imurep/+/event/set", qos=1)
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port, keepalive=5)
        self._client.loop_start()

    def _take(self, _client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:  # noqa: ANN401 the library's signature
        payload = bytes(message.payload)
        output = json.loads(payload)
        key = output["id"], output["version"]
        if self._payloads.setdefault(key, payload) != payload:
            self._figures.different.append(output["id"])
        self._figures.received.append(key)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Child:
    """The service as a process."""

    def __init__(self, directory: Path, port: int) -> None:
        self._directory = directory
        self._port = port
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.output: list[dict[str, Any]] = []
        self.news = asyncio.Condition()

    async def start(self) -> None:
        with (self._directory / "service.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.broker.service",
                str(self._directory),
                str(self._port),
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        self._reading = asyncio.create_task(self._read())

    async def kill(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        if self._reading is not None:
            await self._reading
        self.output.append({"connected": False})

    async def order(self, word: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())
        await self._process.stdin.drain()

    async def until(self, what: Callable[[], bool], seconds: float) -> None:
        async with asyncio.timeout(seconds), self.news:
            await self.news.wait_for(what)

    @property
    def is_connected(self) -> bool:
        return next((bool(one["connected"]) for one in reversed(self.output) if "connected" in one), False)

    @property
    def problem(self) -> str:
        return next((str(one["problem"]) for one in reversed(self.output) if "problem" in one), "")

    def has(self, key: str) -> bool:
        return any(key in one for one in self.output)

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            with suppress(ValueError):  # the end of a killed process's last line
                self.output.append(json.loads(line))
            async with self.news:
                self.news.notify_all()


async def chaos(directory: Path, *, rounds: int, seed: int = 1) -> Figures:
    """Break each thing ``rounds`` times, in an order by chance, and give what came of it."""
    figures = Figures()
    rng = Random(seed)  # noqa: S311 keeps no secret
    with Mosquitto(directory) as broker:
        proxy = Proxy(broker.port)
        await proxy.start()
        subscriber = Subscriber(broker.port, figures)
        child = Child(directory, proxy.port)
        await child.start()
        await child.until(lambda: child.is_connected, END_S)

        async def broker_ends(how: signal.Signals) -> None:
            await asyncio.to_thread(broker.end, how)
            await asyncio.sleep(rng.uniform(0.2, 1.5))
            await asyncio.to_thread(broker.start)

        async def network(cable: Cable) -> None:
            await proxy.set(cable)
            await asyncio.sleep(rng.uniform(0.5, 4.0))
            await proxy.set(Cable.IN)

        async def service_killed() -> None:
            await child.kill()
            await child.start()

        async def disk_full() -> None:
            await child.order("full")
            await child.until(lambda: bool(child.problem), END_S)
            figures.disk_problems += 1
            await asyncio.sleep(rng.uniform(0.5, 1.5))
            await child.order("free")
            await child.until(lambda: not child.problem, END_S)

        faults: dict[str, Callable[[], Awaitable[None]]] = {
            "broker stopped": lambda: broker_ends(signal.SIGTERM),
            "broker killed": lambda: broker_ends(signal.SIGKILL),
            "service killed": service_killed,
            "network cut": lambda: network(Cable.OUT),
            "network silent": lambda: network(Cable.HOLE),
            "disk full": disk_full,
        }
        try:
            for _ in range(rounds):
                for fault in rng.sample(sorted(faults), len(faults)):
                    await faults[fault]()
                    figures.back_s.append((fault, await _back(child)))
                    await asyncio.sleep(rng.uniform(0.3, 1.0))
            await child.order("end")
            await child.until(lambda: child.has("drained"), END_S)
            figures.produced = next(one["produced"] for one in child.output if "produced" in one)
            await _all_arrived(figures)
        finally:
            await child.kill()
            await proxy.stop()
            subscriber.close()
    return figures


async def _back(child: Child) -> float:
    """How long from now until the service is connected for good: for half a second, that is."""
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    while True:
        await child.until(lambda: child.is_connected, END_S)
        back_s = loop.time() - began_s
        try:
            await child.until(lambda: not child.is_connected, 0.5)
        except TimeoutError:
            return back_s


async def _all_arrived(figures: Figures) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(END_S):
            while figures.lost:  # noqa: ASYNC110 it grows in a thread of paho's
                await asyncio.sleep(0.1)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.broker.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, metavar="N", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="another order of events")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="imurep-chaos-") as directory:
        print(asyncio.run(chaos(Path(directory), rounds=args.rounds, seed=args.seed)))


if __name__ == "__main__":
    main()
