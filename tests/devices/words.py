"""Short ways to write notifications, and to read steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imurep.devices.protocol import Disconnect, Write
from imurep.events import Notification

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imurep.devices.protocol import Conversation, Step


def notification(payload: str | bytes, channel: str = "data", at_us: int = 0) -> Notification:
    return Notification(at_us, channel, payload if isinstance(payload, bytes) else bytes.fromhex(payload))


def written_after(
    conversation: Conversation, payload: str | bytes, channel: str = "data", at_us: int = 0
) -> list[str]:
    """The payloads that it writes after this notification."""
    return written(conversation.feed(notification(payload, channel, at_us)))


def written(steps: Sequence[Step]) -> list[str]:
    return [step.payload.hex() for step in steps if isinstance(step, Write)]


def problem(steps: Sequence[Step]) -> str:
    """Why it disconnects."""
    assert len(steps) == 1
    (step,) = steps
    assert isinstance(step, Disconnect)
    assert "\n" not in step.problem
    return step.problem
