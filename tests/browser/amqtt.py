"""``python -m tests.browser.amqtt PORT``: the broker that knows MQTT 3.1.1 only, until it is killed."""

from __future__ import annotations

import asyncio
import sys

from imurep.service.demo_broker_amqtt import amqtt_broker


async def main(port: int) -> None:
    async with amqtt_broker(port):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
