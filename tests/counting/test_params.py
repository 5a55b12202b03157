"""The parameters of the counting: what is changed has its effect, the defaults are what stands."""

from __future__ import annotations

import ast
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imurep.counting import params as room
from imurep.counting.motion.motion_params import MotionParams, OrientationParams, StandingParams
from imurep.counting.ordering.ordering_params import OrderingParams
from imurep.counting.params import CountingParams
from imurep.counting.pipeline import Pipeline
from imurep.counting.timing.timing_params import RateParams, TimingParams
from imurep.errors import PacketError
from imurep.events import ExerciseSet, GapEvent
from tests.resent import again, events_of, packets, stands

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from imurep.events import Rep

COUNTING = Path(room.__file__).parent
DEFAULT = CountingParams()


def counted(params: CountingParams) -> dict[str, Rep | ExerciseSet]:
    return stands(events_of(packets(), params=params))


def sets(events: dict[str, Rep | ExerciseSet]) -> list[ExerciseSet]:
    return [event for event in events.values() if isinstance(event, ExerciseSet)]


def inside(params: object) -> Iterator[object]:
    yield params
    for field in fields(params):  # type: ignore[arg-type]  # only dataclasses come here
        value = getattr(params, field.name)
        if is_dataclass(value):
            yield from inside(value)


def test_the_default_is_what_the_pipeline_counts_by() -> None:
    assert events_of(packets(), params=DEFAULT) == events_of(packets())


@pytest.mark.parametrize("grid_hz", [26.0, 104.0])
def test_another_grid_measures_otherwise(grid_hz: float) -> None:
    motion = replace(DEFAULT.motion, orientation=OrientationParams(grid_hz=grid_hz))
    changed, usual = counted(replace(DEFAULT, motion=motion)), counted(DEFAULT)
    assert changed.keys() == usual.keys()
    assert changed != usual


def test_whoever_never_walks_and_is_never_still_was_never_seen_upright() -> None:
    motion = MotionParams(standing=StandingParams(still_ms2=0.0, brisk_ms2=0.0))
    assert [one.top_assumed for one in sets(counted(replace(DEFAULT, motion=motion)))] == [True]
    assert [one.top_assumed for one in sets(counted(DEFAULT))] == [False]


@pytest.mark.parametrize(("wait_s", "gaps"), [(2.0, 1), (6.0, 0)])
def test_whoever_waits_longer_sees_no_gap(wait_s: float, gaps: int) -> None:
    live = packets()
    resent = [again(live[at], live[40].arrival_us + 4e6 + at) for at in range(30, 40)]
    sent = sorted([*live[:30], *live[40:], *resent], key=lambda packet: packet.arrival_us)
    params = replace(DEFAULT, ordering=OrderingParams(wait_s=wait_s))
    assert sum(isinstance(event, GapEvent) for event in events_of(sent, params=params)) == gaps


def test_a_rate_can_be_refused() -> None:
    timing = TimingParams(rate=RateParams(min_hz=150.0))
    with pytest.raises(PacketError, match="at least 150 Hz"):
        Pipeline(params=replace(DEFAULT, timing=timing)).push(packets()[0])


def test_nobody_changes_parameters_in_place() -> None:
    for params in inside(DEFAULT):
        name = fields(params)[0].name  # type: ignore[arg-type]  # it is a dataclass
        with pytest.raises(FrozenInstanceError):
            setattr(params, name, None)


def undescribed(body: Iterable[ast.stmt]) -> Iterator[str]:
    statements = list(body)
    for statement, after in zip(statements, [*statements[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and not (
            ast.unparse(statement.value or statement).startswith("field(")  # a group: its class is described
            or (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant))
        ):
            yield ast.unparse(statement.target)


def test_every_parameter_is_described() -> None:
    for path in sorted(COUNTING.rglob("*params.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                assert not list(undescribed(node.body)), f"{path.name}: {node.name}"


def test_going_back_copies_no_parameters() -> None:
    parts = list(DEFAULT.parts())
    assert {type(DEFAULT), TimingParams, RateParams} <= {type(part) for part in parts}
    counting = Pipeline(params=DEFAULT)._recounter.state
    copied = counting.copy()
    assert copied.sets is not counting.sets
    assert copied.sets._params is counting.sets._params is DEFAULT.segmentation
