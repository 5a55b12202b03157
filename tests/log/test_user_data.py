"""What is kept of a person: found again, kept apart, never half written."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from imurep.errors import ConfigError
from imurep.log.user_data import Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "of" / "mine" / "store.json")


def test_of_nobody_nothing_is_known(store: Store) -> None:
    assert store.lines_deg("me", "sim") == {}
    assert store.last_time("me") == ()
    assert not store.path.exists()


def test_lines_are_kept_by_person_sensor_and_exercise(store: Store) -> None:
    store.keep_line("me", "sim", "back_extension_45", 40.0)
    store.keep_line("me", "sim", "back_extension_90", 88.126)
    store.keep_line("anna", "sim", "back_extension_45", 47.0)
    store.keep_line("me", "other", "back_extension_45", 41.0)
    store.keep_line("me", "sim", "back_extension_45", 43.0)
    again = Store(store.path)
    assert again.lines_deg("me", "sim") == {"back_extension_45": 43.0, "back_extension_90": 88.13}
    assert again.lines_deg("me", "other") == {"back_extension_45": 41.0}
    assert again.lines_deg("anna", "sim") == {"back_extension_45": 47.0}


def test_of_each_group_the_last_choice_is_kept(store: Store) -> None:
    store.keep_line("me", "sim", "back_extension_45", 40.0)
    for name in ("trap_bar_deadlift", "back_extension_45", "good_morning", "romanian_deadlift"):
        store.keep_last_time("me", name)
    assert store.last_time("me") == ("trap_bar_deadlift", "romanian_deadlift")
    assert store.last_time("anna") == ()
    assert store.lines_deg("me", "sim") == {"back_extension_45": 40.0}


def test_the_users_own_place_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("imurep.log.user_data.data_path", lambda: tmp_path)
    assert Store().path == tmp_path / "store.json"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"format": "imurep-store", "version": 2, "lines": [], "last_time": {}}',
        '{"format": "imurep-store", "version": 1, "lines": [{"person": "me"}], "last_time": {}}',
        '{"format": "imurep-store", "version": 1, "lines": [], "last_time": {"me": ["chess"]}}',
        (
            '{"format": "imurep-store", "version": 1, "lines": '
            '[{"person": "me", "sensor": "s", "exercise": "e", "line_deg": NaN}], "last_time": {}}'
        ),
    ],
)
def test_a_damaged_file_is_named_and_left_as_it_is(text: str, store: Store) -> None:
    store.path.parent.mkdir(parents=True)
    store.path.write_text(text, encoding="utf-8")
    for ask in (
        lambda: store.lines_deg("me", "sim"),
        lambda: store.keep_line("me", "sim", "back_extension_45", 40.0),
    ):
        with pytest.raises(ConfigError, match=r"store\.json: damaged; mend it, or delete it"):
            ask()
    assert store.path.read_text(encoding="utf-8") == text


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be used: "):
        Store(tmp_path).lines_deg("me", "sim")
    with pytest.raises(ConfigError, match="choose another file with --store"):
        Store(tmp_path / "file" / "store.json").keep_line("me", "sim", "back_extension_45", 1.0)


def test_a_write_that_fails_leaves_the_old_file(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.keep_line("me", "sim", "back_extension_45", 40.0)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        store.keep_line("me", "sim", "back_extension_45", 50.0)
    assert store.lines_deg("me", "sim") == {"back_extension_45": 40.0}
    assert [path.name for path in store.path.parent.iterdir()] == ["store.json"]
    assert json.loads(store.path.read_text(encoding="utf-8"))["version"] == 1
