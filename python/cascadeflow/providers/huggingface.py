"""The provider Hugging Face."""

from __future__ import annotations

from .builtin import BuiltinProvider

__all__ = ["HuggingFaceProvider"]


class HuggingFaceProvider(BuiltinProvider):
    """Hugging Face, through the engine's own driver."""

    provider_name = "huggingface"
