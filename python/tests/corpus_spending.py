"""Operations of the corpus on what was spent and what will be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from corpus_services import error_record

from cascadeflow import _native, cascadeflowError

Record = dict[str, Any]


def over(ask: Callable[[Any], Any]) -> Callable[[Record], Record]:
    """The operation that asks the engine for what the input describes."""

    def operation(case: Record) -> Record:
        try:
            record: Record = ask(case["input"])
        except cascadeflowError as error:
            return error_record(error)
        return record

    return operation


OPERATIONS = {
    "forecast": over(_native.forecast),
    "budget_outlook": over(_native.budget_outlook),
    "anomalies": over(_native.detect_anomalies),
    "cost_breakdown": over(_native.cost_breakdown),
    "budget_session": over(_native.budget_session),
}
