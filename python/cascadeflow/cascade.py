"""Another name of `cascadeflow.core.cascade`."""

from .core.cascade import *  # noqa: F403
