"""Events of streamed runs."""

from __future__ import annotations

from .base import StreamEvent, StreamEventType

__all__ = ["StreamEvent", "StreamEventType"]
