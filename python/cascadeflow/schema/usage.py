"""Token counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

# Details by their names here, with where providers' usage objects have them: a key, or a key in one
# of the objects named.
_DETAILS: dict[str, tuple[tuple[str, ...], ...]] = {
    "cached_input_tokens": (
        ("cached_input_tokens",),
        ("cache_read_input_tokens",),
        ("prompt_tokens_details", "cached_tokens"),
        ("input_tokens_details", "cached_tokens"),
        ("prompt_cache_hit_tokens",),
    ),
    "cache_write_5m_tokens": (
        ("cache_write_5m_tokens",),
        ("cache_creation", "ephemeral_5m_input_tokens"),
        ("cache_creation_input_tokens",),
    ),
    "cache_write_1h_tokens": (
        ("cache_write_1h_tokens",),
        ("cache_creation", "ephemeral_1h_input_tokens"),
    ),
    "reasoning_tokens": (
        ("reasoning_tokens",),
        ("completion_tokens_details", "reasoning_tokens"),
        ("output_tokens_details", "reasoning_tokens"),
    ),
    "audio_input_tokens": (
        ("audio_input_tokens",),
        ("prompt_tokens_details", "audio_tokens"),
        ("input_tokens_details", "audio_tokens"),
    ),
    "cached_audio_input_tokens": (("cached_audio_input_tokens",),),
    "audio_output_tokens": (
        ("audio_output_tokens",),
        ("completion_tokens_details", "audio_tokens"),
        ("output_tokens_details", "audio_tokens"),
    ),
    "image_input_tokens": (
        ("image_input_tokens",),
        ("prompt_tokens_details", "image_tokens"),
        ("input_tokens_details", "image_tokens"),
    ),
    "image_output_tokens": (
        ("image_output_tokens",),
        ("completion_tokens_details", "image_tokens"),
        ("output_tokens_details", "image_tokens"),
    ),
}


@dataclass
class Usage:
    """Tokens that a call used.

    `input_tokens` is the whole prompt: cached reads, cache writes (kept five minutes, or an hour),
    audio and pictures are parts of it. `reasoning_tokens`, audio and pictures that the model made
    are parts of `output_tokens`. `service_tier` is the tier that served the call, such as `batch`,
    `flex` or `priority`; `None` where the provider did not say: the standard one. `estimated` tells
    counts that are cascadeflow's estimate because the provider reported none.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0
    cache_write_5m_tokens: int = field(default=0, repr=False, kw_only=True)
    cache_write_1h_tokens: int = field(default=0, repr=False, kw_only=True)
    reasoning_tokens: int = field(default=0, repr=False, kw_only=True)
    audio_input_tokens: int = field(default=0, repr=False, kw_only=True)
    cached_audio_input_tokens: int = field(default=0, repr=False, kw_only=True)
    audio_output_tokens: int = field(default=0, repr=False, kw_only=True)
    image_input_tokens: int = field(default=0, repr=False, kw_only=True)
    image_output_tokens: int = field(default=0, repr=False, kw_only=True)
    service_tier: str | None = field(default=None, repr=False, kw_only=True)
    estimated: bool = field(default=False, repr=False, compare=False, kw_only=True)

    @property
    def total_tokens(self) -> int:
        """Input and output tokens together."""
        return self.input_tokens + self.output_tokens

    @classmethod
    def from_payload(cls, usage: Any) -> Usage:
        """The counts of a provider's `usage` object; zero for what it does not name."""
        if isinstance(usage, Usage):
            return replace(usage)
        if not isinstance(usage, Mapping):
            return cls()

        def first(*names: str) -> int:
            for name in names:
                if usage.get(name) is not None:
                    return int(usage[name])
            return 0

        details: dict[str, Any] = {}
        for name, paths in _DETAILS.items():
            found = (_at(usage, path) for path in paths)
            details[name] = int(next((count for count in found if count is not None), 0))
        tier = usage.get("service_tier")
        return cls(
            first("input_tokens", "prompt_tokens"),
            first("output_tokens", "completion_tokens"),
            service_tier=str(tier) if tier else None,
            estimated=bool(usage.get("estimated", False)),
            **details,
        )

    def to_dict(self) -> dict[str, Any]:
        """The counts with their total; details only where there are any."""
        plain: dict[str, Any] = {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cached_input_tokens": self.cached_input_tokens,
            "total_tokens": self.total_tokens,
        }
        for name in (*_DETAILS, "service_tier", "estimated"):
            value = getattr(self, name)
            if value and name not in plain:
                plain[name] = value
        return plain


def _at(usage: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What stands at `path`; `None` where nothing does."""
    value: Any = usage
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
