"""The provider Google Gemini API."""

from __future__ import annotations

from .builtin import BuiltinProvider

__all__ = ["GoogleProvider"]


class GoogleProvider(BuiltinProvider):
    """The Gemini API with a plain key, through the engine's own driver."""

    provider_name = "google"
