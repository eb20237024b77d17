"""Another name of `cascadeflow.schema.result`."""

from .schema.result import *  # noqa: F403
