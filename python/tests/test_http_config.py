"""How connections are configured: what is shown, and what the driver gets."""

from __future__ import annotations

import asyncio
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from conftest import QUESTION, Loopback

from cascadeflow import CascadeAgent, ModelConfig
from cascadeflow.providers import OpenAIProvider
from cascadeflow.providers.base import HttpConfig, RetryConfig
from cascadeflow.schema.exceptions import ConfigError, ValidationError, cascadeflowError

VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
AUTHORITIES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*VARIABLES, *(name.lower() for name in VARIABLES), *AUTHORITIES):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_nothing_secret_is_shown() -> None:
    config = HttpConfig(
        proxy="http://user:secret@proxy.test:3128/", headers={"x-api-key": "secret-2"}
    )
    assert "secret" not in repr(config) and "user" not in repr(config)
    assert "proxy.test:3128" in repr(config) and "x-api-key" in repr(config)
    model = ModelConfig("m", provider="openai", cost=1, api_key="secret-3", http_config=config)
    assert "secret" not in repr(model)
    assert repr(HttpConfig()) == (
        "HttpConfig(verify=True, proxy=None, timeout=60.0, no_proxy=None)"
    )


def test_the_environment(
    clean: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert HttpConfig.from_env() == HttpConfig()
    clean.setenv("http_proxy", "http://plain.test:1")
    assert HttpConfig.from_env().proxy == "http://plain.test:1"
    clean.setenv("HTTPS_PROXY", "http://secure.test:2")
    clean.setenv("NO_PROXY", "localhost")
    file = tmp_path / "ca.pem"
    file.touch()
    clean.setenv("REQUESTS_CA_BUNDLE", str(file))
    made = HttpConfig.from_env()
    assert (made.proxy, made.no_proxy) == ("http://secure.test:2", "localhost")
    assert made.verify == str(file)
    assert not caplog.records
    clean.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
    assert HttpConfig.from_env().verify is True
    assert "nowhere.pem" in caplog.text


def test_arguments_of_httpx() -> None:
    assert HttpConfig().get_httpx_kwargs() == {"verify": True, "timeout": 60.0}
    config = HttpConfig("/ca.pem", "http://p.test:1", 5, client_certificate="/c", client_key="/k")
    assert config.get_httpx_kwargs() == {
        "verify": "/ca.pem",
        "timeout": 5,
        "proxy": "http://p.test:1",
        "cert": ("/c", "/k"),
    }
    with pytest.warns(UserWarning, match="not verified"):
        assert HttpConfig(verify=False).get_httpx_kwargs()["verify"] is False


@pytest.mark.parametrize("name", ["timeout", "connect_timeout", "first_token_timeout"])
@pytest.mark.parametrize("value", [0, -1, "soon"])
def test_a_wrong_time_is_named(name: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=name) as caught:
        HttpConfig(**{name: value})
    assert caught.value.field == name


def ask(loopback: Loopback, config: HttpConfig) -> Any:
    retries = RetryConfig(max_attempts=1)
    provider = OpenAIProvider("sk-test", loopback.url, retries, http_config=config)
    return asyncio.run(provider.complete(QUESTION, "http-config"))


def test_headers_and_times_reach_the_driver(loopback: Loopback) -> None:
    assert ask(loopback, HttpConfig(headers={"x-team": "blue"})).content
    assert loopback.headers[-1]["x-team"] == "blue"
    loopback.hold.clear()
    with pytest.raises(cascadeflowError) as caught:
        ask(loopback, HttpConfig(timeout=0.2))
    assert caught.value.kind == "timeout"


def test_a_proxy_is_gone_through(loopback: Loopback) -> None:
    seen: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            pass

        def do_POST(self) -> None:
            seen.append(self.path)
            self.send_error(502)

    server = HTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        proxy = f"http://user:secret@127.0.0.1:{server.server_port}"
        with pytest.raises(cascadeflowError) as caught:
            ask(loopback, HttpConfig(proxy=proxy))
        assert "secret" not in f"{caught.value}{caught.value!r}"
        assert seen == [f"{loopback.url}/chat/completions"]
        assert not loopback.requests
        assert ask(loopback, HttpConfig(proxy=proxy, no_proxy="127.0.0.1")).content
        assert len(seen) == 1
    finally:
        server.shutdown()
        server.server_close()


def test_files_that_are_not_there_are_named(tmp_path: Path, loopback: Loopback) -> None:
    for config, field in (
        (HttpConfig(verify=str(tmp_path / "ca.pem")), "ca_file"),
        (HttpConfig(client_certificate=str(tmp_path / "c.pem")), "client_certificate_file"),
    ):
        with pytest.raises(ConfigError, match=r"\.pem") as caught:
            ask(loopback, config)
        assert caught.value.field == f"http.{field}"


def test_an_agent_s_models_take_them(loopback: Loopback) -> None:
    config = HttpConfig(headers={"x-team": "red"})
    model = ModelConfig(
        "http-config-2",
        provider="openai",
        cost=1,
        api_key="k",
        base_url=loopback.url,
        http_config=config,
    )
    assert CascadeAgent([model]).run_sync(QUESTION).content
    assert loopback.headers[-1]["x-team"] == "red"
