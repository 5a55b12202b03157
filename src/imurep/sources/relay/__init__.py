"""Sensors that a phone holds: its page relays what they send, and does what is said."""

from __future__ import annotations

from imurep.sources.relay.exchange import Carrier, Exchange
from imurep.sources.relay.source import RelaySource

__all__ = ["Carrier", "Exchange", "RelaySource"]
