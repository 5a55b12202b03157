"""The phone's page and its server: everything that a browser gets comes from here."""

from imurep.web.page_config import config_for_page
from imurep.web.server import WebServer
from imurep.web.ws_proxy import BrokerAddress

__all__ = ["BrokerAddress", "WebServer", "config_for_page"]
