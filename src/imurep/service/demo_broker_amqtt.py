"""A broker inside this process, on amqtt: for trying things where no mosquitto is installed.

It speaks MQTT 3.1.1 only, keeps nothing over a restart, and listens on this
machine only. Two faults of amqtt 0.12 are mended here: it never ends the connection of
a client that is silent for too long, and it sends retained messages for the
subscriptions of others.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from amqtt.broker import Broker
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from amqtt.adapters import ReaderAdapter, WriterAdapter
    from amqtt.session import Session


@asynccontextmanager
async def amqtt_broker(port: int) -> AsyncIterator[None]:
    """Run it on a port of the loopback interface."""
    for noisy in ("amqtt", "transitions"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    broker = _AmqttBroker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "timeout_disconnect_delay": 2,
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    await broker.start()
    try:
        yield
    finally:
        await broker.shutdown()


class _AmqttHandler(BrokerProtocolHandler):
    _hanging_up: asyncio.Task[None] | None = None

    def handle_read_timeout(self) -> None:
        """Hang up on who was silent for too long; amqtt waits for them for good."""
        self._hanging_up = asyncio.ensure_future(self.handle_connection_closed())


class _AmqttBroker(Broker):
    async def _init_handler(
        self, session: Session, reader: ReaderAdapter, writer: WriterAdapter
    ) -> BrokerProtocolHandler:
        handler = _AmqttHandler(self.plugins_manager, loop=self._loop)
        handler.attach(session, reader, writer)
        return handler

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        """Hand on what is retained, if the subscription is this client's; amqtt asks for everybody's."""
        topic, _ = subscription
        if any(subscriber is session for subscriber, _ in self._subscriptions.get(topic, ())):
            await super()._publish_retained_messages_for_subscription(subscription, session)
