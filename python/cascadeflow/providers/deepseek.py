"""The provider DeepSeek."""

from __future__ import annotations

from .builtin import BuiltinProvider

__all__ = ["DeepSeekProvider"]


class DeepSeekProvider(BuiltinProvider):
    """DeepSeek, through the engine's own driver."""

    provider_name = "deepseek"
