"""The provider vLLM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..schema.exceptions import ModelError, ProviderError
from . import reasoning
from .base import BaseProvider, HttpConfig, ModelResponse, RetryConfig
from .builtin import BuiltinProvider

__all__ = [
    "BaseProvider",
    "HttpConfig",
    "ModelError",
    "ModelResponse",
    "ProviderError",
    "ReasoningModelInfo",
    "RetryConfig",
    "VLLMProvider",
    "get_reasoning_model_info",
]


@dataclass
class ReasoningModelInfo(reasoning.ReasoningModelInfo):
    """What a model of vLLM takes."""

    provider: str = "vllm"


def get_reasoning_model_info(model_name: str) -> ReasoningModelInfo:
    """What sets a model apart; an unknown name is no reasoning model."""
    return ReasoningModelInfo(**reasoning.traits("vllm", model_name))


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
        retry_config: RetryConfig | None = None,
        http_config: HttpConfig | None = None,
        timeout: float = 300.0,
        *,
        endpoint: str | None = None,
        **kwargs: Any,
    ) -> None:
        http_config = http_config or HttpConfig(timeout=timeout)
        if endpoint is not None and base_url is None:
            base_url = f"{endpoint.rstrip('/')}/v1"
        super().__init__(api_key, base_url, retry_config, http_config, **kwargs)
        self.timeout = timeout
