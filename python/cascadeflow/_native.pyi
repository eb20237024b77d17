# Made from the code of the binding by `cargo xtask generate`.
from collections.abc import Generator
from typing import Any

from typing_extensions import Self

class Agent:
    """The engine's agent."""
    def __new__(
        cls,
        config: Any,
        providers: list[Any],
        tool_executor: Any | None = None,
        quality_checks: list[tuple[str, Any]] | None = None,
        on_event: Any | None = None,
    ) -> Self:
        """An agent of `config`, plain data in the form of the configuration reference, with a
        provider for each model: `None` for the built-in one, a native provider, or the methods of a
        Python one. Checks are names with callables.
        """
    @property
    def calls_python(self) -> bool:
        """Whether runs call Python code, so that a synchronous call needs an event loop."""
    @property
    def models(self) -> list[tuple[str, str]]:
        """Name and provider of each model, cheapest first."""
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

class NativeProvider:
    """A provider written in Rust."""
    def __new__(
        cls,
        name: str,
        api_key: str | None = None,
        base_url: str | None = None,
        max_retries: int | None = None,
        http: Any | None = None,
    ) -> Self:
        """The built-in provider `name`; a missing `api_key` is taken from the environment."""
    @property
    def name(self) -> str: ...
    @property
    def supports_logprobs(self) -> bool: ...
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

class Wake:
    """What asyncio calls when a coroutine's wait is over."""
    def __call__(self, *_arguments: Any) -> None: ...

def analyse(query: str) -> Any:
    """The one-pass analysis of a query."""

def bench_instant_provider(text: str) -> NativeProvider:
    """A native provider that answers `text` at once; for benchmarks."""

def builtin_provider_names() -> list[str]:
    """Names of the built-in providers in alphabetical order."""

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

def check_config(config: Any) -> Any:
    """The configuration that plain data means, with every default filled in."""

def check_model(model: Any, registered: list[str]) -> None:
    """Checks the fields of one model. Its provider must be built in, or one of `registered`."""

def complexity(query: str) -> tuple[str, float]:
    """`(level, confidence)` of a query's complexity."""

def configured_providers() -> list[str]:
    """Names of the providers that have a key in the environment."""

def cost_at(input: str, output: str, prompt_tokens: int, completion_tokens: int) -> str:
    """What `usage` costs at `input` and `output` USD per 1,000,000 tokens, as an exact decimal."""

def estimate_tokens(text: str) -> int:
    """Estimated tokens of a text."""

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

def price_range(provider: str) -> tuple[str, str] | None:
    """The cheapest and the dearest listed chat price of a provider, in USD per 1,000,000 tokens of
    prompt and of completion, as decimal texts; `None` when it lists none.
    """

def run_command_line(arguments: list[str]) -> int:
    """Runs the command line with `arguments`, of which the first names the program, and gives its
    exit status.
    """

def usage_cost(model: str, provider: str | None, usage: Any) -> str | None:
    """What `usage` of a model costs in USD as an exact decimal; `None` when no price is known.
    `usage` has the counts of the engine's usage by name.
    """

def verdict(quality: Any, input: Any) -> Any:
    """The judgement of a draft under the configuration `quality`."""
