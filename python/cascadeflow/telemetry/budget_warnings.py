"""Thresholds that were passed, in the log."""

from __future__ import annotations

import logging
from typing import Any

from .budget_config import dollars

__all__ = ["log_warning"]

logger = logging.getLogger("cascadeflow.telemetry.cost_tracker")

_PERIODS = {"minute": "minutely", "hour": "hourly", "day": "daily", "week": "weekly"}


def log_warning(warning: dict[str, Any]) -> None:
    """Logs a threshold that was passed."""
    status = warning["status"]
    level = logging.ERROR if warning["level"] == "used_up" else logging.WARNING
    owner, used, limit = status["owner"], float(status["used"]), float(status["limit"])
    if status["measure"] != "cost" or owner["kind"] not in ("user", "global"):
        logger.log(level, "%s", warning["message"])
        return
    percent = 100 * used / limit if limit else 100.0
    window = status["window"]
    period = _PERIODS.get(window, "monthly" if window == "month" else "total")
    if owner["kind"] == "global" and window == "lifetime":
        who, what, budget = "Cost tracker", "Budget exceeded!", "budget"
    elif owner["kind"] == "global":
        who, what, budget = "Cost tracker", f"{period} budget exceeded!", f"{period} budget"
    else:
        who = f"User {owner['id']} ({warning['tier']})"
        what, budget = f"{period} budget exceeded!", f"{period} budget"
    if level == logging.ERROR:
        if used <= limit:
            what = what.replace("exceeded!", "used up:")
        logger.error("%s: %s $%.6f / %s", who, what, used, dollars(limit))
    else:
        of = dollars(limit)
        logger.warning("%s: %.1f%% of %s used ($%.6f / %s)", who, percent, budget, used, of)
