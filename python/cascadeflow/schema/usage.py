"""Token counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class Usage:
    """Tokens that a call used. Cached prompt tokens are a part of the input tokens."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0

    @property
    def total_tokens(self) -> int:
        """Input and output tokens together."""
        return self.input_tokens + self.output_tokens

    @classmethod
    def from_payload(cls, usage: Any) -> Usage:
        """The counts of a provider's `usage` object; zero for what it does not name."""
        if isinstance(usage, Usage):
            return cls(usage.input_tokens, usage.output_tokens, usage.cached_input_tokens)
        if not isinstance(usage, Mapping):
            return cls()

        def first(*names: str) -> int:
            for name in names:
                if usage.get(name) is not None:
                    return int(usage[name])
            return 0

        def detail(*names: str) -> int:
            for name in names:
                details = usage.get(name)
                if isinstance(details, Mapping) and details.get("cached_tokens") is not None:
                    return int(details["cached_tokens"])
            return 0

        return cls(
            first("input_tokens", "prompt_tokens"),
            first("output_tokens", "completion_tokens"),
            first("cached_input_tokens", "cache_read_input_tokens")
            or detail("prompt_tokens_details", "input_tokens_details"),
        )

    def to_dict(self) -> dict[str, int]:
        """The counts with their total."""
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cached_input_tokens": self.cached_input_tokens,
            "total_tokens": self.total_tokens,
        }
