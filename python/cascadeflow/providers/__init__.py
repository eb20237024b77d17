"""Providers by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._native import available_providers
from ..schema.exceptions import AuthenticationError
from .anthropic import AnthropicProvider
from .base import PROVIDER_CAPABILITIES, BaseProvider, ModelResponse
from .builtin import BuiltinProvider
from .cohere import CohereProvider
from .deepseek import DeepSeekProvider
from .fireworks import FireworksProvider
from .google import GoogleProvider
from .groq import GroqProvider
from .huggingface import HuggingFaceProvider
from .ollama import OllamaProvider
from .openai import OpenAIProvider
from .openrouter import OpenRouterProvider
from .together import TogetherProvider
from .vertex_ai import VertexAIProvider
from .vllm import VLLMProvider

__all__ = [
    "PROVIDER_CAPABILITIES",
    "PROVIDER_REGISTRY",
    "AnthropicProvider",
    "BaseProvider",
    "CohereProvider",
    "DeepSeekProvider",
    "FireworksProvider",
    "GoogleProvider",
    "GroqProvider",
    "HuggingFaceProvider",
    "ModelResponse",
    "OllamaProvider",
    "OpenAIProvider",
    "OpenRouterProvider",
    "TogetherProvider",
    "VLLMProvider",
    "VertexAIProvider",
    "get_available_providers",
    "get_provider",
]

_BUILTIN: tuple[type[BuiltinProvider], ...] = (
    AnthropicProvider,
    CohereProvider,
    DeepSeekProvider,
    FireworksProvider,
    GoogleProvider,
    GroqProvider,
    HuggingFaceProvider,
    OllamaProvider,
    OpenAIProvider,
    OpenRouterProvider,
    TogetherProvider,
    VLLMProvider,
    VertexAIProvider,
)

# The one registry: a class or factory that an agent calls for its models of that name.
PROVIDER_REGISTRY: dict[str, Callable[..., Any]] = {cls.provider_name: cls for cls in _BUILTIN}


def is_builtin(entry: object) -> bool:
    """Whether a registry entry is a built-in class, not a subclass or a replacement."""
    return any(entry is cls for cls in _BUILTIN)


def get_provider(provider_name: str) -> Any:
    """An instance of the provider; `None` for an unknown name or without a key."""
    entry = PROVIDER_REGISTRY.get(provider_name)
    if entry is None:
        return None
    try:
        return entry()
    except (AuthenticationError, ValueError):
        return None


def get_available_providers() -> dict[str, Any]:
    """An instance of every provider that has a key, or needs none, by name."""
    usable = set(available_providers())
    found: dict[str, Any] = {}
    for name, entry in PROVIDER_REGISTRY.items():
        if is_builtin(entry) and name not in usable:
            continue
        provider = get_provider(name)
        if provider is not None:
            found[name] = provider
    return found
