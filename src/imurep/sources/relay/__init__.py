"""Sensors that a phone holds: its page relays what they send, and carries out the steps."""

from __future__ import annotations

from imurep.sources.relay.device_router import DeviceRouter, RelayTransport
from imurep.sources.relay.relay_source import RelaySource

__all__ = ["DeviceRouter", "RelaySource", "RelayTransport"]
