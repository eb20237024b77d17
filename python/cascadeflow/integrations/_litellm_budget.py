"""Spending by user, counted in exact decimals."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..schema.exceptions import ValidationError
from ._litellm_costs import LiteLLMCostProvider


class LiteLLMBudgetTracker:
    """What users have spent of their budgets, in the memory of this process.

    Costs come from cascadeflow's prices. `fallback_to_cascadeflow` is kept for those who pass it:
    without LiteLLM's own manager there is nothing else to fall back from.
    """

    def __init__(self, fallback_to_cascadeflow: bool = True) -> None:
        self.fallback_to_cascadeflow = fallback_to_cascadeflow
        self.cost_provider = LiteLLMCostProvider()
        self._budgets: dict[str, Decimal] = {}
        self._spent: dict[str, Decimal] = {}
        self._lock = threading.Lock()

    def set_user_budget(self, user: str, max_budget: float) -> None:
        """Sets what `user` may spend in USD; what is spent already stays."""
        with self._lock:
            self._budgets[user] = _amount("max_budget", max_budget)
            self._spent.setdefault(user, Decimal(0))

    def update_cost(
        self,
        user: str,
        model: str,
        prompt_tokens: int = 0,
        completion_tokens: int = 0,
        response: dict[str, Any] | None = None,
    ) -> float:
        """Counts a call and gives its cost in USD; the tokens of `response`'s usage win."""
        usage = response.get("usage") if isinstance(response, Mapping) else None
        if isinstance(usage, Mapping):
            prompt_tokens = usage.get("prompt_tokens", prompt_tokens)
            completion_tokens = usage.get("completion_tokens", completion_tokens)
        cost = self.cost_provider.calculate_cost(model, prompt_tokens, completion_tokens)
        with self._lock:
            self._spent[user] = self._spent.get(user, Decimal(0)) + Decimal(str(cost))
        return cost

    def get_user_budget(self, user: str) -> dict[str, Any]:
        """Budget, spending and what remains, in USD; a user without a budget has none left."""
        with self._lock:
            budget = self._budgets.get(user, Decimal(0))
            spent = self._spent.get(user, Decimal(0))
        return {
            "max_budget": float(budget),
            "current_cost": float(spent),
            "remaining": float(max(budget - spent, Decimal(0))),
            "exceeded": spent > budget,
        }

    def can_user_afford(self, user: str, estimated_cost: float) -> bool:
        """Whether the cost fits into what remains of the user's budget."""
        cost = _amount("estimated_cost", estimated_cost)
        with self._lock:
            budget = self._budgets.get(user, Decimal(0))
            return self._spent.get(user, Decimal(0)) + cost <= budget

    def reset_user_budget(self, user: str) -> None:
        """Forgets what the user has spent; the budget stays."""
        with self._lock:
            if user in self._spent:
                self._spent[user] = Decimal(0)


def _amount(name: str, value: float) -> Decimal:
    amount = Decimal(str(value)) if isinstance(value, (int, float, Decimal)) else None
    if amount is None or not amount.is_finite() or amount < 0:
        error = ValidationError(f"`{name}` is not an amount in USD: `{value!r}`")
        error.field = name
        error.hint = "give a number, zero or more"
        raise error
    return amount
