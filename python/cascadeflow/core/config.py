"""Another name of `cascadeflow.schema.config`."""

from ..schema.config import *  # noqa: F403
