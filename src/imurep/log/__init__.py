"""The log of sets, on disk before anything else happens with them; it is the outbox too."""

from __future__ import annotations

from imurep.log.database import FILE_NAME, Database
from imurep.log.set_log_writer import SetLog
from imurep.log.stored_set import Kept

__all__ = ["FILE_NAME", "Database", "Kept", "SetLog"]
