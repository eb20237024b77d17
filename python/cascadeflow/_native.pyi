# Made from the code of the binding by `cargo xtask generate`.
from collections.abc import Generator
from typing import Any

from typing_extensions import Self

class Affordability:
    """Whether an amount may be spent: `allowed`, `action` and `message`, in which order it unpacks.
    It is true exactly when it is allowed.
    """
    @property
    def allowed(self) -> bool:
        """Whether it fits every budget."""
    @property
    def action(self) -> str:
        """What would be done: `allow`, `warn`, `degrade` or `block`."""
    @property
    def message(self) -> str | None:
        """Why; `None` when nothing stands in the way."""
    @property
    def status(self) -> Any | None:
        """How the budget that decides stands, as plain data; `None` when none is near its end."""
    def __bool__(self) -> bool: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Any: ...
    def __getitem__(self, at: int) -> Any: ...
    def __eq__(self, other: Any) -> bool: ...
    def __hash__(self) -> int: ...
    def __repr__(self) -> str: ...

class Agent:
    """The engine's agent."""
    def __new__(
        cls,
        config: Any,
        providers: list[Any],
        tool_executor: Any | None = None,
        quality_checks: list[tuple[str, Any]] | None = None,
        on_event: Any | None = None,
        telemetry_exporter: TelemetryExporter | None = None,
        cost_tracker: CostTracker | None = None,
        enforcement: EnforcementChain | None = None,
        routers: list[tuple[str, Any]] | None = None,
        callbacks: CallbackBridge | None = None,
    ) -> Self:
        """An agent of `config`, plain data in the form of the configuration reference, with a
        provider for each model: `None` for the built-in one, a native provider, or the methods of a
        Python one. Checks and routers are names with callables.
        """
    @property
    def calls_python(self) -> bool:
        """Whether runs call Python code, so that a synchronous call needs an event loop."""
    @property
    def models(self) -> list[tuple[str, str]]:
        """Name and provider of each model, cheapest first."""
    @property
    def circuit_breakers(self) -> list[tuple[str, CircuitBreaker]]:
        """Name of each model that is reached over HTTP with the circuit breaker of its calls."""
    def run(
        self,
        query: Any,
        messages: Any | None,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any] | None = None,
    ) -> Awaitable: ...
    def run_sync(
        self,
        query: Any,
        messages: Any | None,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any] | None = None,
    ) -> Any: ...
    def stream(
        self,
        query: Any,
        messages: Any | None,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any] | None = None,
    ) -> EventStream: ...
    def plan(
        self,
        query: Any,
        messages: Any | None,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any] | None = None,
    ) -> Awaitable:
        """The plan that a run of the same arguments would follow."""
    def run_batch(
        self,
        queries: list[Any],
        arguments: tuple[Any, ...],
        keywords: dict[str, Any] | None,
        batch: Any,
        on_progress: Any | None = None,
    ) -> Awaitable:
        """Runs `queries`, each a text or a list of messages. The awaited value is `(outcomes, total
        cost, seconds)`, an outcome being a result or an exception.
        """
    def statistics(self) -> Any:
        """Counts of the runs so far."""
    def reset_statistics(self) -> None:
        """Forgets the counts."""

class AnswerStream:
    """A streamed answer of a native provider."""
    def next(self) -> Awaitable:
        """The next piece, awaited: a `str` of the answer, the `ModelResponse` at its end, then
        `None`. Reasoning and fragments of tool calls are left out; the response has them whole.
        """
    def close(self) -> None:
        """Cancels the answer."""

class Awaitable:
    """A Rust future that Python awaits, polled on the awaiting thread."""
    def __await__(self) -> Generator[Any, None, Any]: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Any: ...
    def send(self, _value: Any) -> Any: ...
    def throw(self, typ: Any, val: Any | None = None, tb: Any | None = None) -> Any: ...
    def close(self) -> None: ...

class CallbackBridge:
    """Hears the engine's events for a Python callable, which takes each as a dict."""
    def __new__(cls, callable: Any) -> Self:
        """A bridge to `callable` that hears nothing yet."""
    def listen(self, events: Any) -> None:
        """Hears exactly the events of these names from now on."""

class CircuitBreaker:
    """The engine's circuit breaker. Two handles of one breaker are equal."""
    def __new__(cls, name: str, config: Any, clock: ManualClock | None = None) -> Self:
        """A closed breaker of its own. `config` is plain data with times in seconds; `clock`
        replaces the machine's.
        """
    @property
    def name(self) -> str: ...
    @property
    def config(self) -> Any:
        """Its settings as plain data, times in seconds."""
    @property
    def state(self) -> str:
        """`closed`, `open` or `half_open`."""
    @property
    def failures(self) -> int:
        """Failures that count now."""
    @property
    def time_until_retry(self) -> float | None:
        """Seconds until a probe is let through; `None` unless it is open."""
    def can_execute(self) -> bool:
        """Whether a call may go out, whose outcome must then be recorded."""
    def try_acquire(self) -> CircuitPermit | None:
        """Leave for one call, which counts its outcome; `None`, and a rejection counted, when the
        call may not go out.
        """
    def record_success(self) -> None:
        """Counts a call that succeeded."""
    def record_failure(self) -> None:
        """Counts a call that failed."""
    def record_rejection(self) -> None:
        """Counts a call that was not let through."""
    def force_open(self) -> None:
        """Opens it, whatever was seen."""
    def force_close(self) -> None:
        """Closes it, whatever was seen."""
    def reset(self) -> None:
        """Closes it and forgets what was seen."""
    def status(self) -> Any:
        """What can be seen of it as plain data, times in seconds."""
    def on_state_change(self, listener: Any) -> None:
        """Has `listener` called with the states before and after each change, on the thread that
        makes it; what it raises goes to `sys.unraisablehook`.
        """

class CircuitBreakerRegistry:
    """The circuit breakers of the process, those of the built-in providers among them."""
    def __new__(cls) -> Self:
        """A handle of the one registry."""
    def get_or_create(self, name: str, config: Any) -> CircuitBreaker:
        """The breaker of this name, made with `config` when there is none."""
    def get(self, name: str) -> CircuitBreaker | None:
        """The breaker of this name; `None` when there is none."""
    def set_default_config(self, config: Any) -> None:
        """Sets the configuration of the breakers that providers made from now on have."""
    def statuses(self) -> Any:
        """What can be seen of every breaker, in alphabetical order of their names."""
    def available(self) -> list[str]:
        """Names of the breakers that are not open, in alphabetical order."""
    def reset_all(self) -> None:
        """Closes every breaker and forgets what was seen."""
    def __len__(self) -> int: ...

class CircuitPermit:
    """Leave for one call. Without an outcome it counts for nothing."""
    def succeed(self) -> None:
        """The call succeeded."""
    def fail(self) -> None:
        """The call failed in a way that counts."""
    def release(self) -> None:
        """The call ended in a way that counts for nothing."""

class CostTracker:
    """Keeps what was spent, and decides by its budgets whether more may be."""
    def __new__(
        cls,
        policy: Any,
        path: Any | None = None,
        clock: Any | None = None,
        chain: EnforcementChain | None = None,
        on_warning: Any | None = None,
    ) -> Self:
        """A tracker by `policy`, plain data in the form of the configuration reference, in the
        SQLite file `path`, else in that of the policy or in memory. `clock` tells the seconds since
        the Unix epoch; `on_warning` hears of each threshold that is passed, as a dict.
        """
    @property
    def policy(self) -> Any:
        """The policy as it was understood."""
    def add_cost(
        self,
        model: Any,
        provider: Any,
        tokens: Any,
        cost: Any,
        query_id: str | None = None,
        metadata: Any | None = None,
        at: Any | None = None,
        usage: Any | None = None,
        scope: Any | None = None,
    ) -> None:
        """Books a cost in USD. `at` is in seconds since the Unix epoch; `None` is now."""
    def can_afford(
        self,
        user_id: str | None,
        estimate: Any,
        tier: str | None = None,
    ) -> Affordability:
        """Whether an amount in USD and one request more fit every budget."""
    def may_spend(self, scope: Any, estimate: Any) -> Awaitable:
        """As `can_afford`, of any scope, with the callbacks asked."""
    def summary(self) -> Any:
        """What was spent altogether, as a dict; amounts are decimal texts."""
    def user_summary(self, user_id: str, tier: str | None = None) -> Any:
        """What a user spent, as a dict; amounts are decimal texts."""
    def standings(self, scope: Any) -> Any:
        """How every limit that a scope draws on stands, as dicts; amounts are decimal texts."""
    def total(self) -> tuple[float, int]:
        """USD altogether, and how many entries that is."""
    def by_model(self) -> dict[str, Any]:
        """USD by model id."""
    def by_provider(self) -> dict[str, Any]:
        """USD by provider name."""
    def by_user(self) -> dict[str, Any]:
        """USD by user id."""
    def entries(self, filter: Any) -> list[Any]:
        """Entries that are kept and match, in the order of booking."""
    def users(self, tier: str | None = None) -> list[str]:
        """Ids of the users with entries, sorted; with a tier, of those last booked under it."""
    def daily_series(
        self,
        user_id: str | None,
        utc_offset_seconds: int,
        now: float | None = None,
    ) -> Any:
        """What was spent on each day, as a series for forecasts; days are those of clocks
        `utc_offset_seconds` ahead of UTC. With `now`, seconds since the Unix epoch, the series goes
        until then, and its last day is still running.
        """
    def export(self, path: Any, format: str) -> int:
        """Writes the entries that are kept into a file of the format `json`, `csv` or `sqlite`, and
        gives their number.
        """
    def import_entries(self, path: Any) -> int:
        """Books the entries of a file that was exported, on no budget, and gives their number."""
    def reset(self) -> None:
        """Forgets what was spent."""
    def flush(self) -> None:
        """Waits until everything booked so far is durable."""

class Drain:
    """A coroutine over an iterator of an awaitable that may be under way already, for
    `create_task`.
    """
    def __await__(self) -> Generator[Any, None, Any]: ...
    def __iter__(self) -> Self: ...
    def __next__(self) -> Any: ...
    def send(self, _value: Any) -> Any: ...
    def throw(self, typ: Any, val: Any | None = None, tb: Any | None = None) -> Any: ...
    def close(self) -> None: ...

class EnforcementChain:
    """Callbacks asked in their order: the first answer other than allow counts."""
    def __new__(cls, time_limit: float, fail_open: bool, report: Any) -> Self:
        """A chain without callbacks. Each has `time_limit` seconds; one that fails counts as allow
        when `fail_open`, else as block. `report` hears of every failure, as an exception.
        """
    def register(
        self,
        name: str,
        check: Any | None = None,
        filter: Any | None = None,
        warn: Any | None = None,
    ) -> None:
        """Adds callables at the end, which messages call `name`."""
    def remove(self, position: int) -> bool:
        """Takes out what was registered at `position`."""
    def clear(self) -> None:
        """Takes everything out."""
    def __len__(self) -> int: ...
    @property
    def checks(self) -> int:
        """How often the chain was asked."""
    @property
    def failures(self) -> int:
        """How many answers were failures."""
    def decide(self, context: Any) -> Awaitable:
        """What the callbacks decide of a context given as plain data: an action's name and a
        message.
        """

class EventStream:
    """A streamed run."""
    def next(self) -> Awaitable:
        """The next event, awaited; `None` at the end."""
    def next_sync(self) -> Any:
        """The next event, waited for on this thread."""
    def close(self) -> None:
        """Cancels the run."""

class Gate:
    """The Python side of a `Gate`."""
    @property
    def _asyncio_future_blocking(self) -> bool: ...
    @_asyncio_future_blocking.setter
    def _asyncio_future_blocking(self, value: bool) -> None: ...
    def get_loop(self) -> Any: ...
    @property
    def _loop(self) -> Any: ...
    def done(self) -> bool: ...
    def cancelled(self) -> bool: ...
    def result(self) -> None: ...
    def exception(self) -> None: ...
    def add_done_callback(self, function: Any, *, context: Any | None = None) -> None: ...
    def remove_done_callback(self, function: Any) -> int: ...
    def cancel(self, msg: Any | None = None) -> bool: ...

class ManualClock:
    """A clock that stands still until it is moved by hand, for tests of what depends on time."""
    def __new__(cls) -> Self:
        """A clock at zero."""
    def advance(self, seconds: float) -> None:
        """Moves the clock on by seconds, zero or more."""
    @property
    def now(self) -> float:
        """Seconds that it was moved by in all."""

class MetricsCollector:
    """Collects the figures of runs."""
    def __new__(cls, recent: int, clock: Any | None = None) -> Self:
        """A collector that keeps so many runs in full. `clock` tells the seconds since the Unix
        epoch; `None` takes the system's.
        """
    def record(self, figures: Any) -> None:
        """Adds a run of the given figures."""
    def summary(self) -> Any:
        """Everything that was counted, as a dict; amounts are decimal texts."""
    def snapshot(self) -> Any:
        """The figures most often asked for, as a dict."""
    def recent(self) -> Any:
        """The recent runs, oldest first: seconds since the Unix epoch, and figures."""
    def time_windowed(self, minutes: int) -> Any:
        """The recent runs of the last `minutes`, as a dict."""
    def by_complexity(self, complexity: str) -> Any:
        """The recent runs of one complexity, as a dict."""
    def anomalies(self, latency_ms: float, cost: float, lookback: int) -> Any:
        """Recent runs that took longer or cost more, as dicts."""
    def uptime(self) -> float:
        """Seconds since the collector was made or reset."""
    def reset(self) -> None:
        """Starts again from nothing."""

class NativeProvider:
    """A provider written in Rust."""
    def __new__(
        cls,
        name: str,
        api_key: str | None = None,
        base_url: str | None = None,
        max_retries: int | None = None,
        http: Any | None = None,
        settings: Any | None = None,
        circuit_breaker: bool = ...,
    ) -> Self:
        """The built-in provider `name`; a missing `api_key` is taken from the environment.
        `settings` are the driver's own, such as the project on Vertex AI.
        """
    @property
    def name(self) -> str: ...
    @property
    def supports_logprobs(self) -> bool: ...
    def circuit_breaker(self, model: str) -> CircuitBreaker | None:
        """The circuit breaker of calls of `model`; `None` when breakers are turned off."""
    def list_models(self) -> Awaitable:
        """The models that the provider says it serves; the awaited value is a list of dicts with
        `id` and `size_bytes` (`None` when the provider does not say).
        """
    def pull_model(self, model: str) -> Awaitable:
        """Has the provider's server fetch a model; awaited until it is there."""
    def embed(self, model: str, texts: list[str], extra: Any | None = None) -> Awaitable:
        """Turns texts into vectors by `model`; `extra` is passed on. The awaited value is an
        `EmbeddingResponse`.
        """
    def complete(
        self,
        query: Any,
        model: str,
        messages: Any | None,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any] | None = None,
    ) -> Awaitable:
        """Answers in one piece; the awaited value is a `ModelResponse`."""
    def stream(
        self,
        query: Any,
        model: str,
        messages: Any | None,
        arguments: tuple[Any, ...],
        keywords: dict[str, Any] | None = None,
    ) -> AnswerStream:
        """Answers piece by piece."""

class Prices:
    """The price catalogue, alone or with files over it."""
    def __new__(cls, path: Any | None = None) -> Self:
        """The prices that come with the package, with those of the file or the folder at `path`
        over them.
        """
    def reload(self) -> None:
        """Reads the files again; when they cannot be read, the prices stay and a `ConfigError`
        names what is wrong where.
        """
    def price(self, model: str, provider: str | None = None) -> Any | None:
        """The price of a model as plain data, as `catalogue_price` gives it."""
    def usage_cost(self, model: str, provider: str | None, usage: Any) -> str | None:
        """What `usage` of a model costs in USD as an exact decimal; `None` when no price is known."""
    def estimate_cost(
        self,
        model: str,
        messages: Any,
        max_tokens: int | None = None,
        provider: str | None = None,
        cost: Any | None = None,
    ) -> Any:
        """What a call may cost at most, as plain data. `messages` is a text or a list of messages;
        without `max_tokens` the answer may be as long as the model can write. With `provider` the
        model is a configured one, whose own `cost` in USD per 1,000 tokens wins.
        """
    def models(self) -> list[tuple[str, str]]:
        """`(provider, id)` of every listed model."""

class ProfileCache:
    """Profiles by user id that are kept for a while."""
    def __new__(cls, keep_seconds: float, capacity: int, clock: Any | None = None) -> Self:
        """Keeps at most `capacity` profiles, each for so many seconds. `clock` tells the seconds
        since the Unix epoch; `None` takes the system's.
        """
    def get(self, user_id: str) -> Any | None:
        """The profile of `user_id`, unless it is too old."""
    def insert(self, user_id: str, profile: Any) -> None:
        """Keeps a profile."""
    def remove(self, user_id: str) -> None:
        """Forgets the profile of `user_id`."""
    def clear(self) -> None:
        """Forgets every profile."""
    def __len__(self) -> int: ...

class RateLimiter:
    """Counts what each person used, and holds them to their limits. Limits are plain data of the
    fields `requests_per_hour`, `requests_per_day`, `tokens_per_minute`, `daily_budget` and the
    like.
    """
    def __new__(cls, max_users: int, clock: Any | None = None) -> Self:
        """Remembers at most so many people. `clock` tells the seconds since the Unix epoch; `None`
        takes the system's.
        """
    def check(
        self,
        user_id: str,
        limits: Any,
        cost: float,
        tokens: int,
        acquire: bool = ...,
    ) -> Any | None:
        """What refuses a request, as a dict; `None` when it may be made. Counts nothing, or, with
        `acquire`, counts it when it may be made.
        """
    def record(self, user_id: str, limits: Any, cost: float, tokens: int) -> None:
        """Counts a request, whether or not it may be made."""
    def usage(self, user_id: str) -> Any:
        """What `user_id` used, as a dict."""
    def reset(self, user_id: str) -> None:
        """Forgets what `user_id` used."""
    def clear(self) -> None:
        """Forgets everybody."""
    def forget_idle(self, seconds: float) -> int:
        """Forgets those who asked for nothing for so many seconds; how many they were."""
    def __len__(self) -> int: ...

class ResultBase:
    """The native half of the published result class. A field is converted when it is first read,
    and kept in the instance, where it can be changed like any attribute.
    """
    def __new__(cls, *_arguments: Any, **_keywords: Any) -> Self: ...
    def __getattr__(self, name: str) -> Any: ...
    def record(self) -> Any | None:
        """The engine's own record of the result as plain data, amounts of money as exact decimals.
        `None` when the result was made in Python.
        """

class TelemetryExporter:
    """Exports runs by OTLP; never enters Python."""
    def __new__(cls, options: Any) -> Self:
        """An exporter of `options`, plain data in the form of `telemetry` of the configuration
        reference, over what the environment says.
        """
    @property
    def config(self) -> Any:
        """The configuration, its headers without their values."""
    def export_cost(
        self,
        cost: float,
        labels: tuple[str | None, str | None, str | None, str | None, str | None],
    ) -> None:
        """Counts a cost in USD."""
    def record(
        self,
        cost: float,
        input_tokens: int,
        output_tokens: int,
        latency_ms: float | None,
        labels: tuple[str | None, str | None, str | None, str | None, str | None],
    ) -> None:
        """Counts cost in USD, tokens, and a latency in milliseconds."""
    def force_flush(self, seconds: float) -> bool:
        """Sends what there is, for at most `seconds`. Whether the receiver took it all."""
    def shutdown(self, seconds: float) -> bool:
        """As `force_flush`, and exports nothing any more."""
    def counts(self) -> Any:
        """What became of what was handed over."""
    def __repr__(self) -> str: ...

class Wake:
    """What asyncio calls when a coroutine's wait is over."""
    def __call__(self, *_arguments: Any) -> None: ...

def analyse(query: str) -> Any:
    """The one-pass analysis of a query."""

def anomaly_alerts(request: Any) -> Any:
    """Alerts of `anomalies` from `min_severity` on."""

def available_providers() -> list[str]:
    """Names of the built-in providers that can be used: those with a credential in the environment,
    and those that need none.
    """

def bench_instant_provider(text: str) -> NativeProvider:
    """A native provider that answers `text` at once; for benchmarks."""

def budget_outlook(request: Any) -> Any:
    """When a budget is used up. `request` has what a forecast's has, and `budget`."""

def budget_session(request: Any) -> Any:
    """What comes of the `steps` of `request` under its budget `policy`, from `start` on."""

def built_in_enforcement(name: Any, context: Any) -> tuple[str, str | None]:
    """What a ready-made callback (`strict`, `graceful`, `tier_based`, `default`) decides of a
    context given as plain data: an action's name and a message.
    """

def builtin_provider_names() -> list[str]:
    """Names of the built-in providers in alphabetical order."""

def cascade_cost(
    drafter: Any,
    verifier: Any,
    input_tokens: int,
    draft_output_tokens: int,
    verifier_output_tokens: int,
    draft_accepted: bool,
) -> Any:
    """What a cascade of two models cost, beside the verifier alone: a dict with amounts as decimal
    texts.
    """

def catalogue_cost(
    provider: str,
    model: str,
    prompt_tokens: int,
    completion_tokens: int,
) -> str | None:
    """What tokens cost by the price catalogue, as an exact decimal in USD; `None` without a price."""

def catalogue_price(model: str, provider: str | None = None) -> Any | None:
    """The price of a model as plain data, amounts in USD per 1,000,000 tokens as decimal texts,
    with its limits; `None` when no price is known. Without a provider the name may begin with one.
    """

def cheaper_model(
    model: str,
    degradation_map: dict[str, Any] | None = None,
) -> tuple[str | None, str]:
    """What to use instead of `model`, with where the name comes from: `mapped`, `catalogue`,
    `fallback`, or `cheapest` when there is nothing cheaper.
    """

def cheaper_models(
    models: Any,
    position: int,
    input_tokens: int,
    output_tokens: int,
) -> list[tuple[int, str, float]]:
    """The models that do the work of so many tokens for less than the one at `position`, cheapest
    first: `(position, cost as decimal text, share saved)`.
    """

def check_budget(budget: Any) -> None:
    """Checks the limits of one owner, given as plain data."""

def check_config(config: Any) -> Any:
    """The configuration that plain data means, with every default filled in."""

def check_model(model: Any, registered: list[str]) -> None:
    """Checks the fields of one model. Its provider must be built in, or one of `registered`."""

def check_profile(profile: Any) -> Any:
    """Checks a profile given as plain data, and gives the limits that hold for the person."""

def check_tier(tier: Any) -> None:
    """Checks a tier given as plain data."""

def complexity(query: str) -> tuple[str, float]:
    """`(level, confidence)` of a query's complexity."""

def configured_providers() -> list[str]:
    """Names of the providers that have a key in the environment."""

def cost_at(input: str, output: str, prompt_tokens: int, completion_tokens: int) -> str:
    """What `usage` costs at `input` and `output` USD per 1,000,000 tokens, as an exact decimal."""

def cost_breakdown(request: Any) -> Any:
    """What a cascade of two models cost. `request` has the two prices, tokens, and
    `draft_accepted`.
    """

def count_tokens(given: Any, model: str | None = None) -> tuple[int, Any]:
    """`(tokens, source)` of a text or of a list of messages, as `model` sees them; `source` is
    `vocabulary` or `estimate`. Without a model by the estimate.
    """

def daily_series(entries: Any, utc_offset_seconds: int, now: float | None = None) -> Any:
    """The series of `entries`, each with `timestamp` (seconds since the Unix epoch), `cost` and
    `user_id`; see `CostTracker.daily_series`.
    """

def degradation_chain(model: str, degradation_map: dict[str, Any] | None = None) -> list[str]:
    """`model` and what to use instead, step by step, down to the cheapest."""

def degradation_map() -> dict[str, Any]:
    """The model to use instead of each that is known, in order; `None` of the cheapest."""

def detect_anomalies(request: Any) -> Any:
    """What stands out. `request` has `series` or `entries`, `of`, `user_id` and `options`."""

def environment_names_receiver() -> bool:
    """Whether the environment names a receiver."""

def estimate_tokens(text: str) -> int:
    """Estimated tokens of a text."""

def estimated_saving(from_model: str, to_model: str) -> float | None:
    """The share of the cost that one model saves against another, in [0, 1]; `None` when the price
    of either is not known.
    """

def forecast(request: Any) -> Any:
    """What will be spent. `request` has `series` or `entries`, `days`, `user_id`, `now`,
    `utc_offset_seconds` and `options`.
    """

def infer_provider(name: str) -> str | None:
    """The provider that lists the model `name` in the price catalogue; `None` when none does."""

def preset_config(name: str, available: list[str]) -> Any:
    """The configuration of a preset over the providers that `available` names."""

def preset_names() -> list[str]:
    """Names of the presets."""

def price(input: Any) -> str:
    """What usage costs at a price per 1,000,000 tokens, or at a cost per 1,000, as an exact
    decimal.
    """

def price_list(provider: str) -> dict[str, tuple[str, str]]:
    """The listed prices of a provider by model id: prompt and completion, in USD per 1,000,000
    tokens, as decimal texts.
    """

def price_range(provider: str) -> tuple[str, str] | None:
    """The cheapest and the dearest listed chat price of a provider, in USD per 1,000,000 tokens of
    prompt and of completion, as decimal texts; `None` when it lists none.
    """

def provider_capabilities() -> Any:
    """What the API of each built-in provider takes, as plain data by name. Costs are tracked where
    the provider charges.
    """

def provider_info(name: str) -> Any | None:
    """The supported provider of this name or alias as plain data; `None` when there is none."""

def reasoning_traits(provider: str, model: str) -> Any | None:
    """What sets a model of a built-in provider apart, as plain data; `None` for an unknown
    provider.
    """

def require_provider(name: str) -> Any:
    """The supported provider of this name or alias as plain data; a `ValidationError` when there is
    none.
    """

def run_command_line(arguments: list[str]) -> int:
    """Runs the command line with `arguments`, of which the first names the program, and gives its
    exit status.
    """

def supported_providers() -> Any:
    """Every supported provider as plain data, in the order of the table."""

def tier_presets() -> Any:
    """The tiers that there are, smallest first."""

def usage_cost(model: str, provider: str | None, usage: Any) -> str | None:
    """What `usage` of a model costs in USD as an exact decimal; `None` when no price is known.
    `usage` has the counts of the engine's usage by name.
    """

def verdict(quality: Any, input: Any) -> Any:
    """The judgement of a draft under the configuration `quality`."""
