"""How the HTTP clients of providers connect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..schema.exceptions import ValidationError

__all__ = ["HttpConfig"]


@dataclass
class HttpConfig:
    """How a provider's HTTP client connects. Times are in seconds.

    `verify` is whether certificates are checked, or a file of further authorities in PEM. `proxy`
    is the URL of a proxy for every request; `None` takes the system's and an empty text none.
    `no_proxy` has the hosts reached without it, separated by commas. `timeout` is for the whole
    call, `connect_timeout` until a connection stands, `first_token_timeout` until the first piece
    of a streamed answer, `chunk_timeout` between two pieces; `None` takes the driver's own.
    `headers` go with every request. `client_certificate` is a file in PEM, with its key unless
    `client_key` has that. Shown, it gives no secret.
    """

    verify: bool | str = True
    proxy: str | None = None
    timeout: float = 60.0
    no_proxy: str | None = None
    headers: dict[str, str] = field(default_factory=dict, kw_only=True)
    connect_timeout: float | None = field(default=None, kw_only=True)
    first_token_timeout: float | None = field(default=None, kw_only=True)
    chunk_timeout: float | None = field(default=None, kw_only=True)
    client_certificate: str | None = field(default=None, kw_only=True)
    client_key: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        for name in ("timeout", "connect_timeout", "first_token_timeout", "chunk_timeout"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, (int, float)) and value > 0):
                raise _invalid(name, value, "give seconds, more than zero")
        if self.verify is False:
            import warnings

            warnings.warn(
                "certificates are not verified: anybody on the way can read the traffic",
                UserWarning,
                stacklevel=3,
            )

    @classmethod
    def from_env(cls) -> HttpConfig:
        """The settings that the usual environment variables name.

        `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` or `CURL_CA_BUNDLE` is a file of authorities,
        `HTTPS_PROXY` or `HTTP_PROXY` the proxy, `NO_PROXY` the hosts reached without it; the first
        that is set wins, and a proxy's variable may be in lower case. A file of authorities that is
        not there is left out, with a warning in the log.
        """
        import logging
        import os
        from pathlib import Path

        def first(*names: str) -> str | None:
            return next((os.environ[name] for name in names if os.environ.get(name)), None)

        authorities = first("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
        if authorities is not None and not Path(authorities).exists():
            logger = logging.getLogger("cascadeflow.providers")
            logger.warning("file of certificate authorities does not exist: `%s`", authorities)
            authorities = None
        return cls(
            verify=authorities or True,
            proxy=first("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"),
            no_proxy=first("NO_PROXY", "no_proxy"),
        )

    def to_native(self) -> dict[str, Any]:
        """The settings as the built-in providers read them."""
        plain: dict[str, Any] = {"timeout_ms": round(self.timeout * 1000)}
        if isinstance(self.verify, str):
            plain["ca_file"] = self.verify
        elif not self.verify:
            plain["verify"] = False
        for name in ("proxy", "no_proxy"):
            if getattr(self, name) is not None:
                plain[name] = getattr(self, name)
        for name in ("connect_timeout", "first_token_timeout", "chunk_timeout"):
            if getattr(self, name) is not None:
                plain[f"{name}_ms"] = round(getattr(self, name) * 1000)
        for name in ("client_certificate", "client_key"):
            if getattr(self, name) is not None:
                plain[f"{name}_file"] = str(getattr(self, name))
        if self.headers:
            plain["headers"] = dict(self.headers)
        return plain

    def get_httpx_kwargs(self) -> dict[str, Any]:
        """The settings as arguments of an `httpx` client, for providers that use one.

        `httpx` takes no list of hosts to reach without the proxy; it reads `NO_PROXY` itself.
        """
        keywords: dict[str, Any] = {"verify": self.verify, "timeout": self.timeout}
        if self.proxy:
            keywords["proxy"] = self.proxy
        if self.headers:
            keywords["headers"] = dict(self.headers)
        if self.client_certificate:
            files = (self.client_certificate, self.client_key)
            keywords["cert"] = files if self.client_key else self.client_certificate
        return keywords

    def __repr__(self) -> str:
        shown: dict[str, Any] = {
            "verify": self.verify,
            "proxy": None if self.proxy is None else _without_password(self.proxy),
            "timeout": self.timeout,
            "no_proxy": self.no_proxy,
        }
        further = {
            "headers": dict.fromkeys(self.headers, "***"),
            "connect_timeout": self.connect_timeout,
            "first_token_timeout": self.first_token_timeout,
            "chunk_timeout": self.chunk_timeout,
            "client_certificate": self.client_certificate,
            "client_key": self.client_key,
        }
        shown.update((name, value) for name, value in further.items() if value)
        return f"HttpConfig({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


def _without_password(url: str) -> str:
    """`url` with `***` in the place of user and password."""
    scheme, separator, rest = url.rpartition("://")
    authority, slash, path = rest.partition("/")
    if "@" in authority:
        authority = f"***@{authority.rpartition('@')[2]}"
    return f"{scheme}{separator}{authority}{slash}{path}"


def _invalid(name: str, value: object, hint: str) -> ValidationError:
    error = ValidationError(f"`{name}` is out of range or of a wrong type: `{value!r}`")
    error.field = name
    error.hint = hint
    return error
