"""The agent: models, judge and router behind one call."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from . import _blocking, _native
from ._agent_options import (
    KEPT,
    Listener,
    Messages,
    arguments_of,
    bridge_of,
    check_threshold,
    control_of,
    error_event,
    executor_of,
    exporter_of,
    further,
    listener_of,
    model_of,
    quality_config_of,
    tracker_of,
    warn_of_unused,
)
from ._agent_upkeep import Upkeep, prices_path
from ._defaults import MAX_TOKENS, TEMPERATURE, chosen
from ._models import Members, ProviderMap, Replaced
from .core.cascade import WholeResponseCascade
from .providers import PROVIDER_REGISTRY
from .quality.checks import AnyCheck, named_checks
from .quality.quality import QualityConfig
from .routers import AnyRouter, named_routers
from .schema.config import ModelConfig
from .schema.exceptions import ConfigError, ValidationError, cascadeflowError
from .schema.result import CascadeResult
from .streaming.base import StreamEvent, StreamEventType

if TYPE_CHECKING:
    from .core.batch import BatchProgress, BatchResult
    from .core.batch_config import BatchConfig
    from .integrations.otel import OpenTelemetryExporter
    from .telemetry.callbacks import CallbackManager
    from .telemetry.cost_tracker import CostTracker
    from .telemetry.enforcement import EnforcementCallbacks

__all__ = ["PROVIDER_REGISTRY", "CascadeAgent", "CascadeResult"]


class CascadeAgent(Upkeep):
    """Runs queries through a cascade of models.

    The cheapest model drafts, the draft is judged, and the strongest model answers when it is
    rejected or when the query is hard. One agent serves any number of concurrent runs, from any
    number of threads and event loops.

    Every draft must pass the `quality_checks` beside the judge's own; a strategy's step can name
    one as its `validator`. `on_event` hears of each run, on the thread that runs it, in dicts whose
    `type` is `planned` (with `plan`), `attempt` (with `attempt`), `completed` (with `result`) or
    `failed` (with `kind` and `message`); what it raises goes to `sys.unraisablehook`. `prices` is
    the path of a price file, or of a folder of them, over the prices that come with the package.
    `telemetry_exporter` exports traces and metrics of every run by OpenTelemetry. `cost_tracker`
    holds runs to its budgets and keeps what they cost; `enforcement_callbacks` are asked before
    each run, beside those of the tracker. `callbacks` tells its listeners of every run.
    `router`, then `routers` are asked for the plan of a run that gives no strategy; where all of
    them return `None`, the standard router decides.
    """

    def __init__(
        self,
        models: list[ModelConfig],
        quality_config: QualityConfig | None = None,
        quality: dict[str, Any] | None = None,
        enable_cascade: bool = True,
        verbose: bool = False,
        domain_configs: dict[str, Any] | None = None,
        enable_domain_detection: bool = False,
        use_semantic_domains: bool = True,
        use_hybrid: bool = False,
        enable_tool_complexity_routing: bool = True,
        enable_factual_risk_routing: bool = False,
        rule_engine: Any = None,
        tenant_rules: dict[str, Any] | None = None,
        channel_models: dict[str, list[str]] | None = None,
        channel_failover: dict[str, str] | None = None,
        channel_strategies: dict[str, Any] | None = None,
        tool_executor: Any = None,
        *,
        fallbacks: list[str] | None = None,
        deadline: float | None = None,
        stream_policy: str = "buffer",
        unpriced: str = "flag",
        max_retries: int | None = None,
        prices: str | PathLike[str] | None = None,
        quality_checks: Iterable[AnyCheck] = (),
        on_event: Listener | None = None,
        telemetry_exporter: OpenTelemetryExporter | None = None,
        cost_tracker: CostTracker | None = None,
        enforcement_callbacks: EnforcementCallbacks | None = None,
        router: AnyRouter | None = None,
        routers: Iterable[AnyRouter] = (),
        callbacks: CallbackManager | None = None,
    ) -> None:
        given = locals()
        kept = {name: given[name] for name in KEPT}
        self.domain_configs: dict[str, Any] = dict(domain_configs or {})
        self.enable_domain_detection = enable_domain_detection
        self.use_semantic_domains = use_semantic_domains
        self.use_hybrid = use_hybrid
        self.enable_tool_complexity_routing = enable_tool_complexity_routing
        self.enable_factual_risk_routing = enable_factual_risk_routing
        self.rule_engine = rule_engine
        self.tenant_rules = tenant_rules
        self.channel_models = channel_models
        self.channel_failover = channel_failover
        self.channel_strategies = channel_strategies
        self.tool_executor = tool_executor
        self.enable_cascade = enable_cascade
        self.verbose = verbose
        self.quality_config = quality_config_of(quality_config, quality)
        self._settings: dict[str, Any] = {
            "fallbacks": list(fallbacks or []),
            "deadline_ms": None if deadline is None else round(deadline * 1000),
            "stream_policy": stream_policy,
            "unpriced": unpriced,
            "max_retries": max_retries,
            "prices": prices_path(prices),
            "max_tokens": int(MAX_TOKENS),
            "temperature": float(TEMPERATURE),
        }
        self._cost_tracker = cost_tracker
        self._user_code = (
            named_checks(quality_checks),
            listener_of(on_event),
            exporter_of(telemetry_exporter),
            *control_of(cost_tracker, enforcement_callbacks),
            named_routers(router, routers),
            bridge_of(callbacks),
        )
        self._replaced = Replaced()
        self._streamed = 0
        warn_of_unused(kept)
        self._set_models(models)

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Any],
        *,
        verbose: bool = False,
        tool_executor: Any = None,
        quality_checks: Iterable[AnyCheck] = (),
        on_event: Listener | None = None,
        telemetry_exporter: OpenTelemetryExporter | None = None,
        cost_tracker: CostTracker | None = None,
        enforcement_callbacks: EnforcementCallbacks | None = None,
        router: AnyRouter | None = None,
        routers: Iterable[AnyRouter] = (),
        callbacks: CallbackManager | None = None,
        **overrides: Any,
    ) -> CascadeAgent:
        """An agent of plain data in the form of the configuration reference.

        The same data gives the same decisions in every language. `enable_cascade` replaces
        `cascade`; other keywords replace the fields they name.
        """
        plain = dict(config)
        if "enable_cascade" in overrides:
            enabled = overrides.pop("enable_cascade")
            plain["cascade"] = bool(enabled) and plain.get("cascade", True)
        plain.update(overrides)
        cost_tracker = cost_tracker or tracker_of(plain.get("budgets"))
        agent = cls.__new__(cls)
        agent._cost_tracker = cost_tracker
        agent._user_code = (
            named_checks(quality_checks),
            listener_of(on_event),
            exporter_of(telemetry_exporter),
            *control_of(cost_tracker, enforcement_callbacks),
            named_routers(router, routers),
            bridge_of(callbacks),
        )
        agent.tool_executor = tool_executor
        agent._from_plain(plain, verbose)
        return agent

    def _from_plain(self, plain: dict[str, Any], verbose: bool) -> None:
        checked = _native.check_config(plain)
        for name, value in KEPT.items():
            setattr(self, name, value)
        self.domain_configs = {}
        self.enable_cascade = checked["cascade"]
        self.verbose = verbose
        quality = checked["quality"]
        names = vars(QualityConfig())
        self.quality_config = QualityConfig(**{n: quality[n] for n in quality if n in names})
        self._settings = {n: v for n, v in checked.items() if n not in ("models", "cascade")}
        self._settings["quality"] = quality
        # What was checked shows no header's value.
        self._settings["telemetry"] = plain.get("telemetry")
        self._replaced = Replaced()
        self._streamed = 0
        # The engine reads the models as they were given, not as the face understands them.
        given: list[Any] = list(plain.get("models") or [])
        models = [model_of(model, at) for at, model in enumerate(given)]
        self._members = Members(models, given, self._replaced)
        self._build()

    @classmethod
    def from_env(
        cls,
        quality_config: QualityConfig | None = None,
        enable_cascade: bool = True,
        verbose: bool = False,
    ) -> CascadeAgent:
        """An agent over the providers whose keys are in the environment.

        Raises:
            ConfigError: when there is no key.
        """
        config = _native.preset_config("balanced", _native.configured_providers())
        if quality_config is not None:
            config["quality"] = quality_config.to_native()
        return cls.from_config(config, verbose=verbose, enable_cascade=enable_cascade)

    def _set_models(self, models: list[ModelConfig]) -> None:
        configured = [model_of(model, at) for at, model in enumerate(models or ())]
        plain = [model.to_native() for model in configured]
        self._members = Members(configured, plain, self._replaced)
        self._build()

    def _build(self) -> None:
        config = {
            "quality": self.quality_config.to_native(),
            **self._settings,
            "models": self._members.plain,
            "cascade": bool(self.enable_cascade),
        }
        executor = executor_of(self.tool_executor)
        self._native = _native.Agent(config, self._members.sources(), executor, *self._user_code)
        self._models = self._members.ordered(self._native.models)

    @property
    def models(self) -> list[ModelConfig]:
        """The models, cheapest first."""
        return self._models

    @models.setter
    def models(self, models: list[ModelConfig]) -> None:
        self._set_models(models)

    @property
    def cost_tracker(self) -> CostTracker | None:
        """The tracker whose budgets runs draw on; `None` without one."""
        return self._cost_tracker

    @property
    def cascade(self) -> WholeResponseCascade | None:
        """Drafter and verifier; `None` when nothing cascades."""
        if not self.enable_cascade or len(self._models) < 2:
            return None
        return WholeResponseCascade(
            self._models[0],
            self._models[-1],
            model_providers=self.model_providers,
            quality_config=self.quality_config,
            verbose=self.verbose,
        )

    @property
    def providers(self) -> dict[str, Any]:
        """The providers by name. Assigning a dict, or an item, replaces them."""
        return ProviderMap(self._members.by_provider(self._models), self._replace)

    @providers.setter
    def providers(self, providers: Mapping[str, Any]) -> None:
        self._replace(providers)

    def _replace(self, providers: Mapping[str, Any]) -> None:
        self._replaced.by_provider = dict(providers)
        self._build()

    @property
    def model_providers(self) -> dict[str, Any]:
        """The providers by the name of the model they serve."""
        return ProviderMap(self._members.by_model(self._models), self._replace_by_model)

    @model_providers.setter
    def model_providers(self, providers: Mapping[str, Any]) -> None:
        self._replace_by_model(providers)

    def _replace_by_model(self, providers: Mapping[str, Any]) -> None:
        self._replaced.by_model = dict(providers)
        self._build()

    def update_quality_threshold(self, threshold: float) -> None:
        """Requires the same confidence, in [0, 1], of drafts at every complexity."""
        check_threshold(threshold)
        values = dict(vars(self.quality_config))
        values["confidence_thresholds"] = dict.fromkeys(values["confidence_thresholds"], threshold)
        self.quality_config = QualityConfig(**values)
        self._settings.pop("quality", None)
        self._build()

    def update_models(self, models: list[ModelConfig]) -> None:
        """Replaces the models."""
        self._set_models(models)

    async def run(
        self,
        query: str | Messages,
        max_tokens: int = MAX_TOKENS,
        temperature: float = TEMPERATURE,
        complexity_hint: str | None = None,
        force_direct: bool = False,
        tools: list[dict[str, Any]] | None = None,
        tool_choice: str | dict[str, Any] | None = None,
        messages: Messages | None = None,
        max_steps: int = 5,
        user_tier: str | None = None,
        workflow: str | None = None,
        kpi_flags: dict[str, Any] | None = None,
        domain_hint: str | None = None,
        domain_confidence_hint: float | None = None,
        tenant_id: str | None = None,
        channel: str | None = None,
        **kwargs: Any,
    ) -> CascadeResult:
        """Runs one query.

        Further keywords are options (`system_prompt`, `top_p`, `stop`, `seed`, `response_format`,
        `quality_threshold`, `deadline` in seconds, `strategy`, `user_id`, `session_id`, `key_id`,
        `metadata`); what is no
        option goes to the provider untouched. Cancelling the task cancels the call to the model.

        Raises:
            cascadeflowError: one of its subclasses; `attempts` lists the calls made before.
        """
        result: CascadeResult = await self._native.run(
            query,
            messages,
            (
                chosen(max_tokens),
                chosen(temperature),
                complexity_hint,
                force_direct,
                tools,
                tool_choice,
                max_steps,
                user_tier,
                workflow,
                domain_hint,
                domain_confidence_hint,
                tenant_id,
                channel,
            ),
            further(kwargs, kpi_flags),
        )
        return result

    def run_sync(self, query: str | Messages, **options: Any) -> CascadeResult:
        """Runs one query and waits for it; the options are those of `run`.

        The interpreter is free for other threads meanwhile. Inside a running event loop (a
        notebook) it works as well, and blocks that loop.
        """
        if self._native.calls_python:
            return _blocking.run(self.run(query, **options))
        arguments, messages, rest = arguments_of(options)
        result: CascadeResult = self._native.run_sync(query, messages, arguments, rest)
        return result

    async def run_streaming(
        self,
        query: str | Messages,
        max_tokens: int = MAX_TOKENS,
        temperature: float = TEMPERATURE,
        complexity_hint: str | None = None,
        force_direct: bool = False,
        enable_visual: bool = True,
        tools: list[dict[str, Any]] | None = None,
        tool_choice: str | dict[str, Any] | None = None,
        messages: Messages | None = None,
        user_tier: str | None = None,
        workflow: str | None = None,
        kpi_flags: dict[str, Any] | None = None,
        domain_hint: str | None = None,
        domain_confidence_hint: float | None = None,
        tenant_id: str | None = None,
        channel: str | None = None,
        **kwargs: Any,
    ) -> CascadeResult:
        """Runs one query, writes the answer to standard output as it comes, and gives the result.

        With `enable_visual=False` nothing is written.
        """
        options = dict(locals())
        for name in ("self", "query", "enable_visual", "kwargs"):
            options.pop(name, None)
        result: CascadeResult | None = None
        async for event in self._events(query, {**options, **kwargs}):
            if event.type is StreamEventType.CHUNK and enable_visual:
                sys.stdout.write(event.content)
                sys.stdout.flush()
            elif event.type is StreamEventType.COMPLETE:
                result = event.result
        if result is None:
            raise cascadeflowError("the stream ended without a result")
        return result

    async def stream_events(
        self,
        query: str | Messages,
        max_tokens: int = MAX_TOKENS,
        temperature: float = TEMPERATURE,
        complexity_hint: str | None = None,
        force_direct: bool = False,
        tools: list[dict[str, Any]] | None = None,
        tool_choice: str | dict[str, Any] | None = None,
        messages: Messages | None = None,
        user_tier: str | None = None,
        workflow: str | None = None,
        kpi_flags: dict[str, Any] | None = None,
        domain_hint: str | None = None,
        domain_confidence_hint: float | None = None,
        tenant_id: str | None = None,
        channel: str | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[StreamEvent, None]:
        """Streams one query as events.

        `routing`, `chunk`…, `draft_decision`, [`switch`, `chunk`…], `complete`. Where no model
        answers, the last event is `error`. A draft is shown after its verdict; with
        `stream_policy="optimistic"` as it is made, and a `switch` voids it.
        """
        options = dict(locals())
        for name in ("self", "query", "kwargs"):
            options.pop(name, None)
        events = self._events(query, {**options, **kwargs})
        try:
            async for event in events:
                yield event
        except cascadeflowError as error:
            if isinstance(error, (ConfigError, ValidationError)):
                raise
            yield error_event(error)
        finally:
            await events.aclose()

    async def stream(
        self,
        prompt: str | Messages,
        max_tokens: int | None = None,
        temperature: float | None = None,
        system_prompt: str | None = None,
        tools: list[dict[str, Any]] | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[StreamEvent, None]:
        """Streams one query as events; see `stream_events`."""
        options: dict[str, Any] = {"system_prompt": system_prompt, "tools": tools, **kwargs}
        if max_tokens is not None:
            options["max_tokens"] = max_tokens
        if temperature is not None:
            options["temperature"] = temperature
        async for event in self.stream_events(prompt, **options):
            yield event

    def stream_sync(self, query: str | Messages, **options: Any) -> Iterator[StreamEvent]:
        """Streams one query to a caller without an event loop; see `stream_events`."""
        if self._native.calls_python:
            yield from _blocking.iterate(self.stream_events(query, **options))
            return
        self._streamed += 1
        arguments, messages, rest = arguments_of(options)
        stream = self._native.stream(query, messages, arguments, rest)
        try:
            while (event := stream.next_sync()) is not None:
                yield event
        except cascadeflowError as error:
            if isinstance(error, (ConfigError, ValidationError)):
                raise
            yield error_event(error)
        finally:
            stream.close()

    async def _events(
        self, query: str | Messages, options: dict[str, Any]
    ) -> AsyncGenerator[StreamEvent, None]:
        self._streamed += 1
        arguments, messages, rest = arguments_of(options)
        stream = self._native.stream(query, messages, arguments, rest)
        try:
            while (event := await stream.next()) is not None:
                yield event
        finally:
            stream.close()

    async def run_batch(
        self,
        queries: list[str],
        batch_config: BatchConfig | None = None,
        *,
        on_progress: Callable[[BatchProgress], object] | None = None,
        **kwargs: Any,
    ) -> BatchResult:
        """Runs many queries, at most `batch_config.max_parallel` at once.

        `on_progress` hears of each that ended. Further keywords are those of `run`. A query that
        fails leaves the others alone: its error stands in the result.
        """
        from .core.batch import BatchConfig as Config
        from .core.batch import BatchResult

        config = batch_config or Config()
        arguments, messages, rest = arguments_of(kwargs)
        if messages is not None:
            raise ValidationError(
                "`messages` cannot be shared by a batch (hint: give each query as a list)"
            )
        outcomes, cost, seconds = await self._native.run_batch(
            list(queries), arguments, rest, config.to_native(), on_progress
        )
        return BatchResult.of(outcomes, cost, seconds, config)

    async def plan(self, query: str | Messages, **options: Any) -> dict[str, Any]:
        """What a run of the same arguments would do, without calling a model."""
        arguments, messages, rest = arguments_of(options)
        plan: dict[str, Any] = await self._native.plan(query, messages, arguments, rest)
        return plan

    @property
    def stats(self) -> dict[str, Any]:
        """Counts of the runs so far."""
        from ._statistics import counts

        return counts(self._native.statistics(), self._streamed)

    def get_stats(self) -> dict[str, Any]:
        """Counts, rates and timings of the runs so far."""
        from ._statistics import summary

        return summary(self._native.statistics(), self._streamed)

    def print_stats(self) -> None:
        """Writes the statistics to standard output."""
        from ._statistics import table

        sys.stdout.write(f"{table(self.get_stats())}\n")
