"""The log of sets, on disk before anything else happens with them; it is the outbox too."""

from __future__ import annotations

from imurep.log.database import FILE_NAME, Database
from imurep.log.set_log_writer import SetLogWriter
from imurep.log.stored_set import StoredSet

__all__ = ["FILE_NAME", "Database", "SetLogWriter", "StoredSet"]
