"""The refresh of pricing/ from the price table that the `litellm` package carries (MIT licence)."""

from .command import main
from .errors import SyncError
from .folder import PRICING, Pricing, read_folder, render_file
from .prices import per_million, price_of
from .refresh import refresh
from .report import diff
from .rows import provider_rows, row_of
from .source import find_table, table_version
from .tables import PROVIDERS
from .validation import stale, validate

__all__ = [
    "PRICING",
    "PROVIDERS",
    "Pricing",
    "SyncError",
    "diff",
    "find_table",
    "main",
    "per_million",
    "price_of",
    "provider_rows",
    "read_folder",
    "refresh",
    "render_file",
    "row_of",
    "stale",
    "table_version",
    "validate",
]
