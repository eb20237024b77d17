"""The provider vLLM."""

from __future__ import annotations

from typing import Any

from .builtin import BuiltinProvider

__all__ = ["VLLMProvider"]


class VLLMProvider(BuiltinProvider):
    """vLLM, through the engine's own driver.

    `endpoint` is the server's address without a path; `base_url` is taken with or without `/v1`.
    """

    provider_name = "vllm"

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *args: Any,
        endpoint: str | None = None,
        **kwargs: Any,
    ) -> None:
        if endpoint is not None and base_url is None:
            base_url = f"{endpoint.rstrip('/')}/v1"
        super().__init__(api_key, base_url, *args, **kwargs)
