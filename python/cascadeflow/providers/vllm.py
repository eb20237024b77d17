"""The provider vLLM."""

from __future__ import annotations

from typing import Any

from .base import HttpConfig
from .builtin import BuiltinProvider

__all__ = ["VLLMProvider"]


class VLLMProvider(BuiltinProvider):
    """vLLM, through the engine's own driver.

    `endpoint` is the server's address without a path; `base_url` is taken with or without `/v1`.
    `timeout` is for a whole call, in seconds, where `http_config` has none.
    """

    provider_name = "vllm"

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *args: Any,
        endpoint: str | None = None,
        timeout: float = 300.0,
        http_config: HttpConfig | None = None,
        **kwargs: Any,
    ) -> None:
        if http_config is None and len(args) < 2:
            http_config = HttpConfig(timeout=timeout)
        if http_config is not None:
            kwargs["http_config"] = http_config
        if endpoint is not None and base_url is None:
            base_url = f"{endpoint.rstrip('/')}/v1"
        super().__init__(api_key, base_url, *args, **kwargs)
        self.timeout = timeout
