"""What the host in a test is plugged into."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from firmware_sim.radio.controller import AirController

if TYPE_CHECKING:
    from bumble.transport.common import TransportSink

    from firmware_sim.radio.air import Air


class Adapter:
    """Where the host's packets come from; ``terminated`` is done when it is pulled."""

    def __init__(self, air: Air, name: str = "adapter") -> None:
        self.controller = AirController(name, air)
        self.terminated: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def set_packet_sink(self, sink: TransportSink) -> None:
        self.controller.set_packet_sink(sink)

    def pull(self) -> None:
        self.terminated.set_result(None)
        self.controller.remove()

    def close(self) -> None:
        if not self.terminated.done():
            self.controller.vanish()
            self.controller.air.remove_controller(self.controller)
