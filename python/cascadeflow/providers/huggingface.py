"""The provider Hugging Face."""

from __future__ import annotations

from enum import Enum
from typing import Any

from .. import _native
from ..schema.exceptions import ModelError, ProviderError, ValidationError
from .base import BaseProvider, HttpConfig, ModelResponse, RetryConfig
from .builtin import BuiltinProvider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "BaseProvider",
    "HttpConfig",
    "HuggingFaceEndpointType",
    "HuggingFaceProvider",
    "ModelError",
    "ModelResponse",
    "ProviderError",
    "RetryConfig",
    "get_inference_endpoint_models",
    "get_serverless_models",
]


class HuggingFaceEndpointType(Enum):
    """Who serves a model of Hugging Face."""

    SERVERLESS = "serverless"
    INFERENCE_ENDPOINT = "inference_endpoint"
    INFERENCE_PROVIDERS = "inference_providers"


class HuggingFaceProvider(BuiltinProvider):
    """Models of Hugging Face, through its router or at an endpoint of your own.

    The router takes who is to serve a model after a colon:
    `meta-llama/Llama-3.1-8B-Instruct:together`. For names without one, `serverless` takes Hugging
    Face itself, `inference_providers` the partner that it names; a provider made without either
    leaves it to the router. `verbose` has no effect.
    """

    provider_name = "huggingface"

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        endpoint_type: HuggingFaceEndpointType | None = None,
        retry_config: RetryConfig | None = None,
        http_config: HttpConfig | None = None,
        verbose: bool = False,
        *,
        inference_provider: str | None = None,
        settings: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        kind = None if endpoint_type is None else HuggingFaceEndpointType(endpoint_type)
        if kind is HuggingFaceEndpointType.INFERENCE_ENDPOINT:
            hint = "give the address of the endpoint, or use HuggingFaceProvider.inference_endpoint"
            _required("base_url", base_url, hint)
        if kind is HuggingFaceEndpointType.INFERENCE_PROVIDERS:
            hint = "give the name of a partner, or use HuggingFaceProvider.inference_providers"
            _required("inference_provider", inference_provider, hint)
        if kind is HuggingFaceEndpointType.SERVERLESS and inference_provider is None:
            inference_provider = "hf-inference"
        chosen = {} if inference_provider is None else {"inference_provider": inference_provider}
        super().__init__(
            api_key,
            base_url,
            retry_config,
            http_config,
            settings={**(settings or {}), **chosen},
            **kwargs,
        )
        self.endpoint_type = kind or HuggingFaceEndpointType.SERVERLESS
        self.verbose = verbose

    @classmethod
    def serverless(
        cls,
        api_key: str | None = None,
        retry_config: RetryConfig | None = None,
        verbose: bool = False,
    ) -> Self:
        """Models that Hugging Face serves itself, formerly the serverless inference API."""
        kind = HuggingFaceEndpointType.SERVERLESS
        return cls(api_key, None, kind, retry_config, verbose=verbose)

    @classmethod
    def inference_endpoint(
        cls,
        endpoint_url: str,
        api_key: str | None = None,
        retry_config: RetryConfig | None = None,
        verbose: bool = False,
    ) -> Self:
        """A dedicated endpoint; `endpoint_url` is its address, with or without `/v1`."""
        _required("endpoint_url", endpoint_url, "give the address of the endpoint")
        kind = HuggingFaceEndpointType.INFERENCE_ENDPOINT
        return cls(api_key, endpoint_url, kind, retry_config, verbose=verbose)

    @classmethod
    def inference_providers(
        cls,
        provider_name: str,
        api_key: str | None = None,
        retry_config: RetryConfig | None = None,
        verbose: bool = False,
    ) -> Self:
        """Models served by a partner of Hugging Face, such as `together`."""
        _required("provider_name", provider_name, "give the name of a partner, such as `together`")
        kind = HuggingFaceEndpointType.INFERENCE_PROVIDERS
        return cls(
            api_key, None, kind, retry_config, verbose=verbose, inference_provider=provider_name
        )

    async def complete_with_tools(
        self,
        messages: list[dict[str, Any]],
        tools: list[dict[str, Any]] | None = None,
        model: str = "deepseek-ai/DeepSeek-R1-0528:nebius",
        max_tokens: int = 4096,
        temperature: float = 0.7,
        tool_choice: Any = None,
        **kwargs: Any,
    ) -> ModelResponse:
        """Answers a conversation, with calls of `tools` where the model wants them."""
        return await super().complete_with_tools(
            messages, tools, model, max_tokens, temperature, tool_choice, **kwargs
        )


def _required(field: str, value: str | None, hint: str) -> None:
    if not (isinstance(value, str) and value.strip()):
        error = ValidationError(f"`{field}` is missing (hint: {hint})")
        error.message, error.field, error.hint = f"`{field}` is missing", field, hint
        raise error


def get_serverless_models() -> list[str]:
    """Ids of models that can be asked for without an endpoint: those whose prices are listed."""
    return sorted({model.split(":")[0] for model in _native.price_list("huggingface")})


def get_inference_endpoint_models() -> list[str]:
    """Ids of models that run on a dedicated endpoint, which takes any open model; some of them."""
    return get_serverless_models()
