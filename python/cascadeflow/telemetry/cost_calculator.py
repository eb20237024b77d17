"""What a cascade of two models cost, beside the verifier alone."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from .. import _native
from ..schema.exceptions import ValidationError

if TYPE_CHECKING:
    from ..schema.config import ModelConfig

__all__ = ["CostBreakdown", "CostCalculator"]

logger = logging.getLogger(__name__)


@dataclass(repr=False)
class CostBreakdown:
    """Costs in USD. `bigonly_cost` is what the verifier alone would have cost.

    `cost_saved` and `savings_percent` are negative after a rejection, which pays for both models.
    """

    draft_cost: float
    verifier_cost: float
    total_cost: float
    cost_saved: float
    bigonly_cost: float
    savings_percent: float
    draft_tokens: int
    verifier_tokens: int
    total_tokens: int
    was_cascaded: bool
    draft_accepted: bool
    metadata: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.metadata is None:
            self.metadata = {}

    def to_dict(self) -> dict[str, Any]:
        """The breakdown as plain data."""
        return asdict(self)

    def __repr__(self) -> str:
        return (
            f"CostBreakdown(total=${self.total_cost:.6f}, draft=${self.draft_cost:.6f}, "
            f"verifier=${self.verifier_cost:.6f}, saved=${self.cost_saved:.6f} "
            f"({self.savings_percent:.1f}%), "
            f"draft_{'accepted' if self.draft_accepted else 'rejected'})"
        )


class CostCalculator:
    """Prices cascades of a drafter and a verifier.

    By the models' own `cost` per 1,000 tokens, or else by the price catalogue.
    """

    def __init__(self, drafter: ModelConfig, verifier: ModelConfig, verbose: bool = False) -> None:
        self.drafter = drafter
        self.verifier = verifier
        self.verbose = verbose

    def calculate_from_tokens(
        self,
        draft_output_tokens: int,
        verifier_output_tokens: int,
        draft_accepted: bool,
        query_input_tokens: int = 0,
    ) -> CostBreakdown:
        """The cost of a query of so many tokens whose draft was accepted or not.

        Raises:
            ValidationError: when a count is negative.
        """
        counts = {
            "query_input_tokens": query_input_tokens,
            "draft_output_tokens": draft_output_tokens,
            "verifier_output_tokens": verifier_output_tokens,
        }
        breakdown = self._priced(counts, draft_accepted)
        breakdown.metadata = {
            "calculation_method": "from_tokens",
            "drafter_model": self.drafter.name,
            "verifier_model": self.verifier.name,
            **counts,
        }
        return breakdown

    def calculate(self, result: Any, query_text: str = "") -> CostBreakdown:
        """The cost of a result.

        A result of an agent carries what its calls cost, and that is taken; of any other object
        with `content`, `draft_accepted` and `metadata`, tokens are taken from `metadata`, or else
        estimated from the texts.
        """
        if getattr(result, "trace", None) is not None and hasattr(result, "cost_saved"):
            return self._of_result(result)
        metadata = getattr(result, "metadata", None) or {}
        accepted = bool(getattr(result, "draft_accepted", False))
        content = str(getattr(result, "content", "") or "")
        draft = str(
            metadata.get("draft_response") or getattr(result, "draft_response", None) or content
        )
        verified = str(
            metadata.get("verifier_response")
            or getattr(result, "verifier_response", None)
            or content
        )
        completion = metadata.get("completion_tokens")
        counts = {
            "query_input_tokens": metadata.get("prompt_tokens") or self.estimate_tokens(query_text),
            "draft_output_tokens": metadata.get("draft_tokens")
            or (completion if accepted else None)
            or self.estimate_tokens(draft),
            "verifier_output_tokens": 0
            if accepted
            else metadata.get("verifier_tokens") or completion or self.estimate_tokens(verified),
        }
        breakdown = self._priced(counts, accepted)
        breakdown.metadata = {
            "calculation_method": "from_result",
            "drafter_model": self.drafter.name,
            "verifier_model": self.verifier.name,
            **counts,
        }
        return breakdown

    def _of_result(self, result: Any) -> CostBreakdown:
        draft, verifier = result.draft_cost or 0.0, result.verifier_cost or 0.0
        baseline = result.total_cost + result.cost_saved
        usage = result.metadata or {}
        drafted, verified = usage.get("draft_tokens") or 0, usage.get("verifier_tokens") or 0
        return CostBreakdown(
            draft_cost=draft,
            verifier_cost=verifier,
            total_cost=result.total_cost,
            cost_saved=result.cost_saved,
            bigonly_cost=baseline,
            savings_percent=100 * result.cost_saved / baseline if baseline else 0.0,
            draft_tokens=drafted,
            verifier_tokens=verified,
            total_tokens=usage.get("total_tokens") or drafted + verified,
            was_cascaded=bool(result.cascaded),
            draft_accepted=bool(result.draft_accepted),
            metadata={
                "calculation_method": "from_result",
                "drafter_model": self.drafter.name,
                "verifier_model": self.verifier.name,
            },
        )

    def _priced(self, counts: dict[str, int], draft_accepted: bool) -> CostBreakdown:
        for name, count in counts.items():
            if count < 0:
                error = ValidationError(
                    f"a count of tokens is negative: `{count}` (hint: give 0 or more)"
                )
                error.field = name
                raise error
        found = _native.cascade_cost(
            self.drafter.to_native(),
            self.verifier.to_native(),
            counts["query_input_tokens"],
            counts["draft_output_tokens"],
            counts["verifier_output_tokens"],
            draft_accepted,
        )
        breakdown = CostBreakdown(
            draft_cost=float(found["draft_cost"]),
            verifier_cost=float(found["verifier_cost"]),
            total_cost=float(found["total_cost"]),
            cost_saved=float(found["cost_saved"]),
            bigonly_cost=float(found["baseline_cost"]),
            savings_percent=found["savings_percent"],
            draft_tokens=found["draft_tokens"],
            verifier_tokens=found["verifier_tokens"],
            total_tokens=found["total_tokens"],
            was_cascaded=True,
            draft_accepted=found["draft_accepted"],
        )
        if self.verbose:
            logger.info("%r", breakdown)
        return breakdown

    @staticmethod
    def estimate_tokens(text: str) -> int:
        """About how many tokens a text has: 1.3 a word."""
        return int(len(text.split()) * 1.3)
