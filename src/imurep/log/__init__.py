"""The log of sets, on disk before anything else happens with them; it is the outbox too."""

from __future__ import annotations

from imurep.log.database import FILE_NAME, Database
from imurep.log.keeper import Keeper
from imurep.log.kept import Kept
from imurep.log.setlog import SetLog

__all__ = ["FILE_NAME", "Database", "Keeper", "Kept", "SetLog"]
