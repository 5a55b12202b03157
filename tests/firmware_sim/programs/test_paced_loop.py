"""A hurried loop: timers strike early by the machine's clock and on time by its own."""

from __future__ import annotations

import asyncio
import time

from firmware_sim.programs import paced_loop


def test_all_timers_are_hurried_alike() -> None:
    async def program() -> int:
        loop = asyncio.get_running_loop()
        struck: list[float] = []
        begin_s = loop.time()
        loop.call_later(20.0, lambda: struck.append(loop.time()))
        await asyncio.sleep(30.0)
        try:
            async with asyncio.timeout(10.0):
                await asyncio.Event().wait()
        except TimeoutError:
            struck.append(loop.time())
        assert struck[0] - begin_s >= 20.0
        assert struck[1] - begin_s >= 40.0
        return 7

    begin_s = time.monotonic()
    assert paced_loop.run(program(), speed=200.0) == 7
    assert time.monotonic() - begin_s < 30.0


def test_input_still_wakes_it() -> None:
    async def program() -> int:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, lambda: 5)

    assert paced_loop.run(program(), speed=50.0) == 5
