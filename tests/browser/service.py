"""Run the service faster: ``python -m tests.browser.service SPEED BACKEND BROKER DIRECTORY [SPEC ...]``.

Same as `imurep run`, on a paced loop; the page is served on any free port.
"""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path

from imurep.cli.live_view import LineView
from imurep.config import Bluetooth, Data, Mqtt, Settings, Web
from imurep.service.assembly import run_service
from imurep.service.clock import PacedLoop, ServiceClock


async def main(backend: str, broker: str, directory: Path, sensors: tuple[str, ...]) -> None:
    settings = Settings(
        sensors=sensors,
        bluetooth=Bluetooth(backend=backend),
        data=Data(directory=directory),
        mqtt=Mqtt(url=broker),
        web=Web(port=0),
    )
    await run_service(settings, [LineView()], clock=ServiceClock(), announce=partial(print, flush=True))


if __name__ == "__main__":
    speed, backend, broker, directory, *sensors = sys.argv[1:]
    with asyncio.Runner(loop_factory=lambda: PacedLoop(float(speed))) as runner:
        runner.run(main(backend, broker, Path(directory), tuple(sensors) or ("ble",)))
