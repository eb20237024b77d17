"""The provider Ollama."""

from __future__ import annotations

from typing import Any

from .base import HttpConfig
from .builtin import BuiltinProvider

__all__ = ["OllamaProvider"]


class OllamaProvider(BuiltinProvider):
    """Ollama, through the engine's own driver.

    `timeout` is for a whole call, in seconds, where `http_config` has none; `keep_alive` is how
    long the server keeps the model loaded, such as `"5m"`, and `None` leaves that to it.
    """

    provider_name = "ollama"

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *args: Any,
        timeout: float = 300.0,
        keep_alive: str | None = None,
        http_config: HttpConfig | None = None,
        **kwargs: Any,
    ) -> None:
        if http_config is None and len(args) < 2:
            http_config = HttpConfig(timeout=timeout)
        if http_config is not None:
            kwargs["http_config"] = http_config
        super().__init__(api_key, base_url, *args, **kwargs)
        self.timeout = timeout
        self.keep_alive = keep_alive

    def _complete_impl(self, *args: Any, **kwargs: Any) -> Any:
        """Answers in one piece; the value to await is a `ModelResponse`."""
        return super()._complete_impl(*args, **self._kept(kwargs))

    def _stream_impl(self, *args: Any, **kwargs: Any) -> Any:
        """Yields pieces of text, then the whole answer as a `ModelResponse`."""
        return super()._stream_impl(*args, **self._kept(kwargs))

    def _kept(self, keywords: dict[str, Any]) -> dict[str, Any]:
        if self.keep_alive is not None:
            keywords.setdefault("keep_alive", self.keep_alive)
        return keywords
