"""What has been told of the reps of one set: each in its last version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from imurep.events import State

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from imurep.events import Rep


class Ledger:
    """Gives versions to reps, and tells only what is new."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._drafts: dict[str, Rep] = {}
        self._reps: dict[str, Rep] = {}

    @property
    def reps(self) -> tuple[Rep, ...]:
        """The reps that stand, in their last versions."""
        return tuple(self._reps.values())

    @property
    def last_id(self) -> str:
        """Id of the rep that was told of last as a new one; empty before the first."""
        return next(reversed(self._reps), "")

    def tell(self, drafts: Iterable[Rep]) -> list[Rep]:
        """Take reps in version 0; give those that differ from what was told, in their next version."""
        new = []
        for draft in drafts:
            if self._drafts.get(draft.id) == draft:
                continue
            self._drafts[draft.id] = draft
            before = self._reps.get(draft.id)
            self._reps[draft.id] = replace(draft, version=before.version + 1 if before else 1)
            new.append(self._reps[draft.id])
        return new

    def keep(self, ids: Container[str]) -> list[Rep]:
        """Let go of all other reps; give them withdrawn."""
        gone = [rep for rep in self._reps.values() if rep.id not in ids]
        for rep in gone:
            del self._reps[rep.id]
        return [replace(rep, version=rep.version + 1, state=State.WITHDRAWN) for rep in gone]
