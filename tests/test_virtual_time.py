"""The loop that other tests trust."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.virtual_time import START_S, VirtualTimeLoop


def test_time_passes_only_in_timers() -> None:
    async def scenario() -> list[tuple[float, str]]:
        loop = asyncio.get_running_loop()
        seen: list[tuple[float, str]] = []

        async def repeat(word: str, every_s: float) -> None:
            for _ in range(3):
                await asyncio.sleep(every_s)
                seen.append((loop.time() - START_S, word))

        time.sleep(0.01)  # noqa: ASYNC251  # the machine's time is not the loop's
        await asyncio.gather(repeat("hour", 3600.0), repeat("day", 86400.0))
        return seen

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        seen = runner.run(scenario())
    expected = [(3600.0 * k, "hour") for k in (1, 2, 3)] + [(86400.0 * k, "day") for k in (1, 2, 3)]
    assert [word for _, word in seen] == [word for _, word in expected]
    assert [at_s for at_s, _ in seen] == pytest.approx([at_s for at_s, _ in expected])


def test_waiting_without_a_timer_is_an_error() -> None:
    loop = VirtualTimeLoop()
    with pytest.raises(RuntimeError, match="never happen"):
        loop.run_until_complete(asyncio.Event().wait())
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
