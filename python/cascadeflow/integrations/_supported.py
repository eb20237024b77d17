"""The supported providers, and what each is good for."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .. import _native
from ..schema.exceptions import ValidationError

logger = logging.getLogger("cascadeflow.integrations.litellm")


@dataclass
class ProviderInfo:
    """A provider. Its fields can also be read as items, so that it can stand for a mapping."""

    name: str
    display_name: str
    value_prop: str
    pricing_available: bool
    requires_api_key: bool
    example_models: list[str]
    speed: str = ""
    use_case: str = ""

    @property
    def value(self) -> str:
        """What it is good for: `value_prop` by its other name."""
        return self.value_prop

    @property
    def cost_range(self) -> str:
        """From the cheapest to the dearest listed price, in USD per 1,000 tokens."""
        if not self.requires_api_key:
            return "$0 (your own machine)"
        prices = _native.price_range(self.name)
        if prices is None:
            return "set by your contract"
        low, high = (float(price) / 1000 for price in prices)
        return f"${low:.6g}-{high:.6g}/1K tokens"

    def keys(self) -> Iterator[str]:
        """The names of the items."""
        return iter(_ITEMS)

    def __iter__(self) -> Iterator[str]:
        return self.keys()

    def __contains__(self, name: object) -> bool:
        return name in _ITEMS

    def __getitem__(self, name: str) -> Any:
        if name not in _ITEMS:
            raise KeyError(name)
        return getattr(self, name)

    def get(self, name: str, default: Any = None) -> Any:
        """An item, or `default` where there is none of that name."""
        return getattr(self, name) if name in _ITEMS else default


_ITEMS = (
    "value",
    "cost_range",
    "speed",
    "use_case",
    "name",
    "display_name",
    "value_prop",
    "pricing_available",
    "requires_api_key",
    "example_models",
)

# Name, title, value, speed, use case, priced by the catalogue, needs a key, example models.
_TABLE: tuple[tuple[str, str, str, str, str, bool, bool, list[str]], ...] = (
    (
        "openai",
        "OpenAI",
        "Dependable general models with every feature of the API",
        "fast (2-4 s)",
        "verifier for most work",
        True,
        True,
        ["gpt-4o-mini", "gpt-4o", "gpt-5-mini"],
    ),
    (
        "anthropic",
        "Anthropic",
        "Careful reasoning over long texts and code",
        "fast (2-3 s)",
        "verifier where mistakes are dear",
        True,
        True,
        ["claude-haiku-4-5-20251001", "claude-sonnet-4-5-20250929"],
    ),
    (
        "groq",
        "Groq",
        "Open models at several hundred tokens a second",
        "very fast (0.5-1 s)",
        "drafter that nobody waits for",
        True,
        True,
        ["llama-3.1-8b-instant", "llama-3.3-70b-versatile"],
    ),
    (
        "ollama",
        "Ollama",
        "Local models: free, private, offline",
        "as fast as the machine",
        "free drafter",
        False,
        False,
        ["llama3.2:3b", "qwen3:8b"],
    ),
    (
        "vllm",
        "vLLM",
        "Your own servers at high throughput",
        "as fast as the machine",
        "self-hosted production",
        False,
        False,
        ["meta-llama/Llama-3.3-70B-Instruct", "Qwen/Qwen3-8B"],
    ),
    (
        "fireworks_ai",
        "Fireworks AI",
        "Open models served quickly and cheaply",
        "fast (1-2 s)",
        "production with an eye on cost",
        True,
        True,
        ["accounts/fireworks/models/llama-v3p1-8b-instruct"],
    ),
    (
        "together",
        "Together AI",
        "A wide choice of open models",
        "fast (1-3 s)",
        "open models in production",
        True,
        True,
        ["meta-llama/Llama-3.3-70B-Instruct-Turbo"],
    ),
    (
        "together_ai",
        "Together AI",
        "A wide choice of open models",
        "fast (1-3 s)",
        "open models in production",
        True,
        True,
        ["meta-llama/Llama-3.3-70B-Instruct-Turbo"],
    ),
    (
        "deepseek",
        "DeepSeek",
        "Code and reasoning at a very low price",
        "fast (2-3 s)",
        "drafter for code",
        True,
        True,
        ["deepseek-chat", "deepseek-reasoner"],
    ),
    (
        "vertex_ai",
        "Google Vertex AI",
        "Gemini and partner models inside Google Cloud",
        "fast (2-4 s)",
        "companies on Google Cloud",
        True,
        True,
        ["gemini-2.5-flash", "gemini-2.5-pro"],
    ),
    (
        "google",
        "Google Gemini API",
        "Gemini models with nothing but a key",
        "fast (2-4 s)",
        "long context at a low price",
        True,
        True,
        ["gemini-2.5-flash", "gemini-2.5-pro"],
    ),
    (
        "cohere",
        "Cohere",
        "Command models and embeddings for retrieval",
        "fast (1-3 s)",
        "search and retrieval",
        True,
        True,
        ["command-r7b-12-2024", "command-a-03-2025"],
    ),
    (
        "openrouter",
        "OpenRouter",
        "Every model behind one key, its cost reported with the answer",
        "that of the model",
        "trying models out",
        True,
        True,
        ["meta-llama/llama-3.3-70b-instruct"],
    ),
    (
        "huggingface",
        "Hugging Face",
        "Open models through a choice of hosts",
        "that of the host",
        "experiments with open models",
        True,
        True,
        ["Qwen/Qwen3-32B:groq"],
    ),
    (
        "azure",
        "Azure OpenAI",
        "OpenAI's models under Microsoft's terms",
        "fast (2-4 s)",
        "companies on Azure, through LiteLLM",
        False,
        True,
        ["azure/gpt-4o"],
    ),
)

SUPPORTED_PROVIDERS: dict[str, ProviderInfo] = {
    name: ProviderInfo(name, title, value, priced, keyed, models, speed, use_case)
    for name, title, value, speed, use_case, priced, keyed, models in _TABLE
}

# Spellings of the supported ones.
_SPELLINGS = {
    "fireworks": "fireworks_ai",
    "vertex": "vertex_ai",
    "gemini": "google",
    "hf": "huggingface",
    "togetherai": "together_ai",
}


def get_provider_info(provider: str) -> ProviderInfo | None:
    """What is known of a provider, by any of its spellings; `None` when it is not supported."""
    name = str(provider).strip().lower()
    return SUPPORTED_PROVIDERS.get(_SPELLINGS.get(name, name))


def unsupported(provider: str) -> str:
    """What is said of a provider that is not supported."""
    names = ", ".join(SUPPORTED_PROVIDERS)
    return f"Provider '{provider}' not supported. Supported providers: {names}"


def validate_provider(provider: str) -> bool:
    """Whether a provider is supported; where not, the supported ones are logged."""
    if get_provider_info(provider) is not None:
        return True
    logger.warning("%s", unsupported(provider))
    return False


def required(provider: str) -> ProviderInfo:
    """What is known of a provider that must be supported.

    Raises `ValidationError`, a `ValueError`, when it is not.
    """
    info = get_provider_info(provider)
    if info is None:
        error = ValidationError(unsupported(provider))
        error.field = "provider"
        error.hint = "use one of the supported providers, or register a provider class of your own"
        raise error
    return info
