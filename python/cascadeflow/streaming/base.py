"""Events of streamed runs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from ..schema.result import CascadeResult

__all__ = ["StreamEvent", "StreamEventType"]


class StreamEventType(Enum):
    """What an event tells of."""

    ROUTING = "routing"
    CHUNK = "chunk"
    DRAFT_DECISION = "draft_decision"
    SWITCH = "switch"
    COMPLETE = "complete"
    ERROR = "error"
    THINKING = "thinking"
    TOOL_CALL = "tool_call"


EVENT_TYPES: dict[str, StreamEventType] = {member.value: member for member in StreamEventType}


@dataclass
class StreamEvent:
    """One event: `content` is text of the answer in chunks, `data` depends on the type.

    The last event of a run that succeeds has its result in `data["result"]`, and as an object in
    `result`.
    """

    type: StreamEventType
    content: str = ""
    data: dict[str, Any] | None = None

    result: ClassVar[CascadeResult | None] = None

    def __post_init__(self) -> None:
        if self.data is None:
            self.data = {}

    @property
    def metadata(self) -> dict[str, Any]:
        """The same as `data`."""
        return self.data if self.data is not None else {}
