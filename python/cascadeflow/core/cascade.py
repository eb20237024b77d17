"""Cascades of exactly two models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..quality.quality import QualityConfig

if TYPE_CHECKING:
    from ..agent import CascadeAgent
    from ..schema.config import ModelConfig
    from ..schema.result import CascadeResult

__all__ = ["SpeculativeCascade", "SpeculativeResult", "WholeResponseCascade"]


@dataclass
class SpeculativeResult:
    """What a cascade of two models gives. Cost is in USD, latency in milliseconds."""

    content: str
    model_used: str
    drafter_model: str
    verifier_model: str
    draft_accepted: bool
    draft_confidence: float
    verifier_confidence: float
    total_cost: float
    latency_ms: float
    speedup: float
    deferral_strategy: str
    metadata: dict[str, Any]
    tool_calls: list[dict[str, Any]] | None = None


class WholeResponseCascade:
    """A drafter whose whole answer is judged, and a verifier that answers when it is rejected."""

    def __init__(
        self,
        drafter: ModelConfig,
        verifier: ModelConfig,
        providers: Mapping[str, Any] | None = None,
        model_providers: Mapping[str, Any] | None = None,
        confidence_threshold: float | None = None,
        quality_config: QualityConfig | None = None,
        verbose: bool = False,
    ) -> None:
        self.drafter = drafter
        self.verifier = verifier
        self.confidence_threshold = confidence_threshold
        self.quality_config = quality_config or QualityConfig.for_cascade()
        self.verbose = verbose
        self._providers = dict(providers or {})
        self._model_providers = dict(model_providers or {})
        self._agent: CascadeAgent | None = None

    def _made(self) -> CascadeAgent:
        if self._agent is None:
            from ..agent import CascadeAgent

            self._agent = CascadeAgent(
                [self.drafter, self.verifier], quality_config=self.quality_config
            )
            if self._providers:
                self._agent.providers = self._providers
            if self._model_providers:
                self._agent.model_providers = self._model_providers
        return self._agent

    async def execute(
        self,
        query: str,
        max_tokens: int = 100,
        temperature: float = 0.7,
        complexity: str | None = None,
        tools: list[dict[str, Any]] | None = None,
        tool_choice: str | None = None,
        messages: list[dict[str, Any]] | None = None,
        **kwargs: Any,
    ) -> SpeculativeResult:
        """Drafts, judges, and asks the verifier where the draft is rejected."""
        if self.confidence_threshold is not None:
            kwargs.setdefault("quality_threshold", self.confidence_threshold)
        result = await self._made().run(
            query,
            max_tokens=max_tokens,
            temperature=temperature,
            complexity_hint=complexity,
            tools=tools,
            tool_choice=tool_choice,
            messages=messages,
            **kwargs,
        )
        return self._result(result)

    def _result(self, result: CascadeResult) -> SpeculativeResult:
        return SpeculativeResult(
            content=result.content,
            model_used=result.model_used,
            drafter_model=self.drafter.name,
            verifier_model=self.verifier.name,
            draft_accepted=result.draft_accepted,
            draft_confidence=result.draft_confidence or 0.0,
            verifier_confidence=result.verifier_confidence or 0.0,
            total_cost=result.total_cost,
            latency_ms=result.latency_ms,
            speedup=self.verifier.speed_ms / result.latency_ms if result.latency_ms else 0.0,
            deferral_strategy="quality",
            metadata=result.metadata,
            tool_calls=result.tool_calls,
        )

    def get_stats(self) -> dict[str, Any]:
        """Counts of the runs so far."""
        return self._made().get_stats()


class SpeculativeCascade(WholeResponseCascade):
    """The older name of `WholeResponseCascade`."""
