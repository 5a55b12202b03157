from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from imurep.errors import SinkError
from imurep.log.plans import Plans
from imurep.plan import NO_PLAN, Plan

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_set_is_there_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "plans.json"
    plans = Plans(path)
    assert plans.of("a") == NO_PLAN
    plans.change("a", exercise="deadlift", target_tempo_s=(3.0, 1.0, 2.0, 1.0))
    plans.change("a", load_kg=20.0)
    plans.change("b", target_reps=5)
    again = Plans(path)
    assert again.of("a") == Plan(exercise="deadlift", target_tempo_s=(3.0, 1.0, 2.0, 1.0), load_kg=20.0)
    assert again.all() == plans.all()
    again.forget("a")
    assert Plans(path).all() == {"b": Plan(target_reps=5)}


def test_what_is_usual_holds_where_nothing_was_set(tmp_path: Path) -> None:
    plans = Plans(tmp_path / "plans.json", Plan(exercise="deadlift"))
    assert plans.of("a").exercise == "deadlift"
    plans.change("a", exercise="unknown")
    assert plans.of("a").exercise == "unknown"
    plans.change("b", load_kg=5.0)
    another = Plans(plans.path, Plan(exercise="good_morning"))
    assert another.of("b") == Plan(exercise="good_morning", load_kg=5.0)
    assert another.of("a").exercise == "unknown"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"a": 1}', '{"a": {"exercise": "squat"}}', '{"a": {"tempo": "fast"}}'],
)
def test_a_damaged_file_is_begun_anew(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plans.json"
    path.write_text(text, encoding="utf-8")
    plans = Plans(path)
    assert plans.all() == {}
    plans.change("a", load_kg=5.0)
    assert Plans(path).of("a").load_kg == 5.0


def test_a_disk_that_does_not_take_it_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    plans = Plans(tmp_path / "plans.json")
    plans.path = tmp_path / "file" / "plans.json"
    with pytest.raises(SinkError, match="cannot be written"):
        plans.change("a", load_kg=5.0)
    assert plans.of("a") == NO_PLAN
