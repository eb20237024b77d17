"""The snippets of the package's page run as they stand."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import ANSWER, fake

import cascadeflow

PAGE = Path(__file__).resolve().parents[1] / "README.md"


def test_the_snippet(capsys: pytest.CaptureFixture[str]) -> None:
    snippets = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert snippets
    cascadeflow.PROVIDER_REGISTRY["openai"] = fake()
    for snippet in snippets:
        names: dict[str, Any] = {}
        exec(compile(snippet, str(PAGE), "exec"), names)
        asyncio.run(names["main"]())
    assert ANSWER in capsys.readouterr().out
