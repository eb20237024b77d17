"""The provider Anthropic."""

from __future__ import annotations

from .builtin import BuiltinProvider

__all__ = ["AnthropicProvider"]


class AnthropicProvider(BuiltinProvider):
    """Anthropic, through the engine's own driver."""

    provider_name = "anthropic"
