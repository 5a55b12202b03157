"""Settings of the service; ``load`` reads them."""

from __future__ import annotations

from imurep.config.sections import Bluetooth, Data, Mqtt, Web
from imurep.config.settings import Settings, load

__all__ = ["Bluetooth", "Data", "Mqtt", "Settings", "Web", "load"]
