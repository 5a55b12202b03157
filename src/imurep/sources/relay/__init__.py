"""Sensors that a phone holds: its page relays what they send, and does what is said."""

from __future__ import annotations

from imurep.sources.relay.device_router import Carrier, Exchange
from imurep.sources.relay.relay_source import RelaySource

__all__ = ["Carrier", "Exchange", "RelaySource"]
