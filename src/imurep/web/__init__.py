"""The phone's page and its server: everything that a browser gets comes from here."""

from imurep.web.about import about
from imurep.web.pipe import Broker
from imurep.web.server import WebServer

__all__ = ["Broker", "WebServer", "about"]
