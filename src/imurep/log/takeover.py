"""Takes user data over from the JSON files of imurep 0.1, once, and keeps the files under another name.

``plans.json`` lies beside the database; ``store.json`` is the user's, wherever
the data directory is. So each database also reads the ``store.json`` that another
one has taken over, which replaces nothing. Of each file, its contents' digest is
kept in the transaction that takes it over: what was interrupted before the file
got its new name is not taken over again.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from functools import partial
from itertools import count, takewhile
from typing import TYPE_CHECKING, Any

from imurep.exercises import EXERCISES
from imurep.log.json_store import FORMAT, VERSION
from imurep.log.user_data import DAMAGE, UserData, checked_lean_deg, checked_setting, checked_text
from imurep.util.paths import data_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from imurep.log.database import Database
    from imurep.log.user_data import Line

    Entry = Callable[[UserData], None] | str
    """What keeps an entry, or what is wrong with it."""

PLANS, STORE = "plans.json", "store.json"
MIGRATED, DAMAGED = ".migrated", ".damaged"


def has_json_files(directory: Path) -> bool:
    """Whether there is something to take over into the database of a data directory."""
    store = data_path() / STORE
    return any(_is_there(path) for path in (directory / PLANS, store, _renamed(store, MIGRATED, 0)))


def take_over(database: Database) -> None:
    """Take over what the files hold and the database does not; a file's entry replaces one that is there.

    What is damaged is reported and skipped. Raises SinkError when the database fails.
    """
    _take_over(database, database.path.with_name(PLANS), _plans)
    store = data_path() / STORE
    _take_over(database, store, _store)
    # Only now: what another program renames meanwhile is found under one of its names.
    names = (_renamed(store, MIGRATED, number) for number in count())
    for migrated in reversed(list(takewhile(_is_there, names))):
        _take_over(database, migrated, _store, migrated=True)


def _renamed(path: Path, suffix: str, number: int) -> Path:
    return path.with_name(f"{path.name}{suffix}{f'-{number}' if number else ''}")


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a directory that is closed to this user, such as another's home
        return False


def _take_over(
    database: Database,
    path: Path,
    entries_of: Callable[[Any], Iterator[Entry]],
    *,
    migrated: bool = False,
) -> None:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        database.report(f"{path} cannot be taken over: {error.strerror}; allow imurep's user to read it")
        return
    suffix = MIGRATED
    digest = hashlib.sha256(raw).hexdigest()
    if not _is_imported(database, digest):
        try:
            # Damage can be anywhere in it, so it is read to the end before anything is kept.
            entries = list(entries_of(json.loads(raw)))
        except DAMAGE as error:
            suffix = DAMAGED
            database.report(
                f"{path} is damaged ({error}), and nothing of it is taken over; "
                f"repair it and restore its name, or set and calibrate again"
            )
        else:
            _keep(database, path, digest, entries, replace=not migrated)
    if not migrated:
        _rename(database, path, suffix)


def _is_imported(database: Database, digest: str) -> bool:
    return bool(database.rows("SELECT 1 FROM imported_files WHERE digest = ?", digest))


def _keep(database: Database, path: Path, digest: str, entries: list[Entry], *, replace: bool) -> None:
    user_data = UserData(database)
    with database.transaction():
        if _is_imported(database, digest):
            return  # another program was faster
        newer = [] if replace else list(_lines_and_recent_exercises(user_data))
        for entry in (*entries, *newer):
            if not isinstance(entry, str):
                entry(user_data)
        database.execute(
            "INSERT INTO imported_files (digest, file, imported_utc) VALUES (?, ?, ?)",
            digest,
            str(path),
            datetime.now(UTC).isoformat(timespec="seconds"),
        )
    for problem in entries:
        if isinstance(problem, str):
            database.report(f"{path}: {problem}")


def _lines_and_recent_exercises(user_data: UserData) -> Iterator[Entry]:
    """Give what would keep once more what is in the database."""
    for line, line_deg in user_data.lines_deg().items():
        yield partial(_set_line, line=line, line_deg=line_deg)
    for person in user_data.people():
        for name in user_data.recent_exercises(person):
            yield partial(UserData.set_recent_exercise, person=person, exercise=name)


def _set_line(user_data: UserData, line: Line, line_deg: float) -> None:
    user_data.set_line(*line, line_deg)


def _rename(database: Database, path: Path, suffix: str) -> None:
    names = (_renamed(path, suffix, number) for number in count())
    try:
        path.rename(next(name for name in names if not name.exists()))
    except FileNotFoundError:
        pass  # another program was faster
    except OSError as error:
        database.report(f"{path} cannot be renamed: {error.strerror}; delete it, it is not used any more")


def _plans(plans: dict[str, Any]) -> Iterator[Entry]:
    for sensor, settings in plans.items():
        try:
            checked_text(sensor)
            changes = dict(settings).items()
        except DAMAGE:
            yield f"what was set for the sensor {sensor!r} is damaged and skipped; set it again"
            continue
        for name, value in changes:
            try:
                checked = checked_setting(name, value)
            except DAMAGE as error:
                yield f"{name!r} of the sensor {sensor!r} is damaged and skipped ({error}); set it again"
            else:
                yield partial(UserData.set_plan, sensor=sensor, changes={name: checked})


def _store(store: dict[str, Any]) -> Iterator[Entry]:
    if (store["format"], store["version"]) != (FORMAT, VERSION):
        msg = "another format"
        raise ValueError(msg)
    lines, recent = store.get("lines"), store.get("last_time")
    if not isinstance(lines, list):
        lines = []
        yield "its straight lines are damaged and skipped; calibrate again"
    if not isinstance(recent, dict):
        recent = {}
        yield "its recent exercises are damaged and skipped; choose the exercise again"
    for line in lines:
        try:
            yield partial(
                _set_line,
                line=(
                    checked_text(line["person"]),
                    checked_text(line["sensor"]),
                    checked_text(line["exercise"]),
                ),
                line_deg=checked_lean_deg(line["line_deg"]),
            )
        except DAMAGE:
            yield f"the straight line {line!r} is damaged and skipped; calibrate again"
    for person, names in recent.items():
        try:
            checked_text(person)
            known = [EXERCISES[checked_text(name)].name for name in names]
        except DAMAGE:
            yield f"the recent exercises of {person!r} are damaged and skipped; choose the exercise again"
        else:
            yield from (partial(UserData.set_recent_exercise, person=person, exercise=name) for name in known)
