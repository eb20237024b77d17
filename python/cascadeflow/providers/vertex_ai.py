"""The provider Vertex AI."""

from __future__ import annotations

from typing import Any

from .builtin import BuiltinProvider

__all__ = ["VertexAIProvider"]


class VertexAIProvider(BuiltinProvider):
    """Gemini and Claude on Vertex AI, through the engine's own driver.

    `project` and `location` (a region, or `global`) are taken from the environment or the
    credentials where they are left out. `credentials` is a service account's file or the text of
    one; without it and without `api_key`, an access token, the application-default credentials
    hold.
    """

    provider_name = "vertex_ai"

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *args: Any,
        project: str | None = None,
        location: str | None = None,
        credentials: str | None = None,
        settings: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        given = {
            "vertex_project": project,
            "vertex_location": location,
            "vertex_credentials": credentials,
        }
        chosen = {name: value for name, value in given.items() if value is not None}
        super().__init__(
            api_key, base_url, *args, settings={**(settings or {}), **chosen}, **kwargs
        )
