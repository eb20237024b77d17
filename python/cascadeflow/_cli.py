"""The console script `cascadeflow`: the same command that the Rust package installs."""

from __future__ import annotations

import signal
import sys

from . import _native


def main() -> int:
    """Runs the command line and gives its exit status."""
    # The command handles an interrupt itself; Python's handler would only run after it.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return _native.run_command_line(["cascadeflow", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
