"""Another name of `cascadeflow.schema.exceptions`."""

from .schema.exceptions import *  # noqa: F403
