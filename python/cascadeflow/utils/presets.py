"""Ready-made agents over whatever providers have a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _native
from ..schema.exceptions import ValidationError

if TYPE_CHECKING:
    from ..agent import CascadeAgent

__all__ = [
    "auto_agent",
    "get_balanced_agent",
    "get_cost_optimized_agent",
    "get_development_agent",
    "get_quality_optimized_agent",
    "get_speed_optimized_agent",
]


def _agent(preset: str, verbose: bool, enable_cascade: bool) -> CascadeAgent:
    from ..agent import CascadeAgent

    config = _native.preset_config(preset, _native.configured_providers())
    return CascadeAgent.from_config(config, verbose=verbose, enable_cascade=enable_cascade)


def get_cost_optimized_agent(
    verbose: bool = False, enable_cascade: bool = True, use_hybrid: bool = False
) -> CascadeAgent:
    """An agent that saves where it can."""
    return _agent("cost_optimized", verbose, enable_cascade)


def get_balanced_agent(
    verbose: bool = False, enable_cascade: bool = True, use_hybrid: bool = False
) -> CascadeAgent:
    """An agent between cost and quality."""
    return _agent("balanced", verbose, enable_cascade)


def get_speed_optimized_agent(
    verbose: bool = False, enable_cascade: bool = True, use_hybrid: bool = False
) -> CascadeAgent:
    """An agent of fast models."""
    return _agent("speed_optimized", verbose, enable_cascade)


def get_quality_optimized_agent(
    verbose: bool = False, enable_cascade: bool = True, use_hybrid: bool = False
) -> CascadeAgent:
    """An agent that accepts only confident drafts."""
    return _agent("quality_optimized", verbose, enable_cascade)


def get_development_agent(
    verbose: bool = True, enable_cascade: bool = True, use_hybrid: bool = False
) -> CascadeAgent:
    """An agent for trying things out."""
    return _agent("development", verbose, enable_cascade)


def auto_agent(
    preset: str = "balanced",
    verbose: bool = False,
    enable_cascade: bool = True,
    use_hybrid: bool = False,
) -> CascadeAgent:
    """The agent of the preset called `preset`.

    Raises:
        ValidationError: for an unknown name.
        ConfigError: when no provider of the preset has a key.
    """
    names = _native.preset_names()
    if preset not in names:
        error = ValidationError(f"unknown preset: `{preset}` (hint: use one of {', '.join(names)})")
        error.field = "preset"
        raise error
    return _agent(preset, verbose, enable_cascade)
