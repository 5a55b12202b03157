"""The database: sets, on disk before anything else happens with them (so it is the outbox), and user data."""

from __future__ import annotations

from imurep.log.database import Database
from imurep.log.schema import FILE_NAME
from imurep.log.set_log_writer import SetLogWriter
from imurep.log.stored_set import StoredSet

__all__ = ["FILE_NAME", "Database", "SetLogWriter", "StoredSet"]
