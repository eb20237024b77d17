#!/usr/bin/env python3
"""Refresh pricing/ from the price table that the `litellm` package carries (MIT licence).

The table is data inside the package; it is read as a file and the package is not imported. Prices
there are USD per token as floating-point numbers; here they are exact decimals per 1,000,000 tokens,
made from the shortest decimal text of each number.

    sync_pricing.py --litellm-python PYTHON            show what a refresh would change
    sync_pricing.py --litellm-python PYTHON --write    write it
    sync_pricing.py --litellm-python PYTHON --check    fail when there is something to write
    sync_pricing.py --validate --max-age-days 120      check the files alone, without a table

What stands in pricing/overrides.json is put over the table, each entry with its reason. A model
that is no longer in the table keeps its last row, marked with the table it was last seen in, until
`--prune`: people are still billed for, and still have records of, models that a price page drops.
"""

import sys

from pricing_sync import main

if __name__ == "__main__":
    sys.exit(main())
