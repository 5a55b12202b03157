"""The reps of one set as they were last reported, to report again only what has changed.

Reps come and go in version 0; ``EventRevisions`` gives the versions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imurep.events import State

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from imurep.events import Rep


class ReportedReps:
    """Remembers the reps of a set, by id."""

    def __init__(self) -> None:
        """Begin without reps."""
        self._reps: dict[str, Rep] = {}

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The reps that were reported and not withdrawn, in order: one may be reported after a later one."""
        return tuple(sorted(self._reps.values(), key=lambda rep: rep.start_us))

    @property
    def last_id(self) -> str:
        """Id of the last rep; empty before the first."""
        return max(self._reps.values(), key=lambda rep: rep.start_us).id if self._reps else ""

    def __contains__(self, rep_id: str) -> bool:
        """Whether a rep was reported and not withdrawn."""
        return rep_id in self._reps

    def update(self, reps: Iterable[Rep]) -> list[Rep]:
        """Take reps as they are now; return those that are new or have changed."""
        changed = []
        for rep in reps:
            if self._reps.get(rep.id) != rep:
                self._reps[rep.id] = rep
                changed.append(rep)
        return changed

    def keep_only(self, ids: Container[str]) -> list[Rep]:
        """Remove all other reps; return them, withdrawn."""
        removed = [rep for rep in self._reps.values() if rep.id not in ids]
        for rep in removed:
            del self._reps[rep.id]
        return [replace(rep, state=State.WITHDRAWN) for rep in removed]
