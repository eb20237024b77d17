"""The provider Ollama."""

from __future__ import annotations

from .builtin import BuiltinProvider

__all__ = ["OllamaProvider"]


class OllamaProvider(BuiltinProvider):
    """Ollama, through the engine's own driver."""

    provider_name = "ollama"
