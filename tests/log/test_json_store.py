"""The file of ``--store``: found again, kept apart, never half written."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from imurep.errors import ConfigError
from imurep.log.json_store import JsonStore

OLD = Path(__file__).parent / "imurep_0_1"


@pytest.fixture
def store(tmp_path: Path) -> JsonStore:
    return JsonStore(tmp_path / "of" / "mine" / "store.json")


def test_of_nobody_nothing_is_known(store: JsonStore) -> None:
    assert store.lines_deg("me", "sim") == {}
    assert not store.path.exists()


def test_lines_are_kept_by_person_sensor_and_exercise(store: JsonStore) -> None:
    store.set_line("me", "sim", "back_extension_45", 40.0)
    store.set_line("me", "sim", "back_extension_90", 88.126)
    store.set_line("anna", "sim", "back_extension_45", 47.0)
    store.set_line("me", "other", "back_extension_45", 41.0)
    store.set_line("me", "sim", "back_extension_45", 43.0)
    again = JsonStore(store.path)
    assert again.lines_deg("me", "sim") == {"back_extension_45": 43.0, "back_extension_90": 88.13}
    assert again.lines_deg("me", "other") == {"back_extension_45": 41.0}
    assert again.lines_deg("anna", "sim") == {"back_extension_45": 47.0}


def test_recent_exercises_of_the_file_stay(store: JsonStore) -> None:
    store.set_line("me", "sim", "back_extension_45", 40.0)
    fields = json.loads(store.path.read_text(encoding="utf-8"))
    fields["last_time"] = {"me": ["trap_bar_deadlift"]}
    store.path.write_text(json.dumps(fields), encoding="utf-8")
    store.set_line("me", "sim", "back_extension_45", 41.0)
    assert json.loads(store.path.read_text(encoding="utf-8"))["last_time"] == {"me": ["trap_bar_deadlift"]}


def test_a_file_of_imurep_0_1_is_read_and_written_in_its_form(tmp_path: Path) -> None:
    store = JsonStore(tmp_path / "store.json")
    store.path.write_bytes((OLD / "store.json").read_bytes())
    assert store.lines_deg("me", "Back Strap") == {"back_extension_45": 43.13}
    store.set_line("me", "Back Strap", "back_extension_45", 43.13)
    assert store.path.read_bytes() == (OLD / "store.json").read_bytes()


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
def test_a_damaged_file_is_named_and_left_as_it_is(text: str, store: JsonStore) -> None:
    store.path.parent.mkdir(parents=True)
    store.path.write_text(text, encoding="utf-8")
    for ask in (
        lambda: store.lines_deg("me", "sim"),
        lambda: store.set_line("me", "sim", "back_extension_45", 40.0),
    ):
        with pytest.raises(ConfigError, match=r"store\.json: damaged; repair it, or delete it"):
            ask()
    assert store.path.read_text(encoding="utf-8") == text


def test_what_cannot_be_read_or_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be used: "):
        JsonStore(tmp_path).lines_deg("me", "sim")
    with pytest.raises(ConfigError, match="choose another file with --store"):
        JsonStore(tmp_path / "file" / "store.json").set_line("me", "sim", "back_extension_45", 1.0)


def test_a_write_that_fails_leaves_the_old_file(store: JsonStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.set_line("me", "sim", "back_extension_45", 40.0)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left on device"):
        store.set_line("me", "sim", "back_extension_45", 50.0)
    assert store.lines_deg("me", "sim") == {"back_extension_45": 40.0}
    assert [path.name for path in store.path.parent.iterdir()] == ["store.json"]
    assert json.loads(store.path.read_text(encoding="utf-8"))["version"] == 1
