"""LiteLLM beside cascadeflow: costs, callbacks, and a provider that calls through it.

Having the library installed changes nothing by itself. Costs come from cascadeflow's own price
catalogue unless its prices are asked for; calls go through it only where `LiteLLMProvider` is
registered. What really needs the library says so with an `ImportError`.
"""

from __future__ import annotations

from ._litellm_budget import LiteLLMBudgetTracker
from ._litellm_callback import cascadeflowLiteLLMCallback, setup_litellm_callbacks
from ._litellm_costs import LiteLLMCostProvider, calculate_cost, get_model_cost
from ._litellm_library import is_installed
from ._litellm_provider import LiteLLMProvider, register_litellm_provider
from ._supported import (
    SUPPORTED_PROVIDERS,
    ProviderInfo,
    get_provider_info,
    validate_provider,
)

__all__ = [
    "SUPPORTED_PROVIDERS",
    "LiteLLMBudgetTracker",
    "LiteLLMCostProvider",
    "LiteLLMProvider",
    "ProviderInfo",
    "calculate_cost",
    "cascadeflowLiteLLMCallback",
    "get_model_cost",
    "get_provider_info",
    "register_litellm_provider",
    "setup_litellm_callbacks",
    "validate_provider",
]

#: Whether the library is installed; nothing depends on it.
LITELLM_AVAILABLE: bool = is_installed()
#: Whether its budget manager is; kept for those who look.
BUDGET_MANAGER_AVAILABLE: bool = LITELLM_AVAILABLE
