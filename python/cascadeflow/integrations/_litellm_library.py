"""The library itself, imported when it is needed and not before."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

REMEDY = "install it with `pip install cascadeflow[litellm]`"


def is_installed() -> bool:
    """Whether the library can be imported; it is not."""
    return find_spec("litellm") is not None


def library(purpose: str) -> Any:
    """The library's module.

    Raises `ImportError` with the remedy where it is not installed.
    """
    try:
        return import_module("litellm")
    except ImportError as error:
        message = f"{purpose} needs the package `litellm`: {REMEDY}"
        raise ImportError(message, name="litellm") from error
