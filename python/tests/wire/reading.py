"""What an answer says, in one form for our drivers and for every SDK."""

from __future__ import annotations

import json
from typing import Any

Record = dict[str, Any]

COUNTS = (
    "input_tokens",
    "output_tokens",
    "cached_input_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "reasoning_tokens",
    "audio_input_tokens",
    "cached_audio_input_tokens",
    "audio_output_tokens",
    "image_input_tokens",
    "image_output_tokens",
)


def counts(**given: Any) -> dict[str, int]:
    """A usage record; counts that are not given are zero."""
    return {name: given.get(name) or 0 for name in COUNTS}


def tool_call(call_id: str | None, name: str | None, arguments: Any) -> Record:
    """A call; `arguments` may be JSON text or what it means."""
    read = json.loads(arguments or "{}") if isinstance(arguments, str) else arguments or {}
    return {"id": call_id, "name": name, "arguments": read}


def expected_record(expected: Record) -> Record:
    """What an exchange expects, with the empty values that it leaves out."""
    if "error" in expected:
        return {"error": expected["error"], "text": expected.get("text", "")}
    usage = expected.get("usage")
    return {
        "text": expected["text"],
        "thinking": expected.get("thinking", ""),
        "tool_calls": expected.get("tool_calls", []),
        "finish_reason": expected["finish_reason"],
        "usage": None
        if usage is None
        else counts(**usage) | {"service_tier": usage.get("service_tier")},
        "logprobs": expected.get("logprobs"),
    }


def differences(left: Record, right: Record) -> dict[str, tuple[Any, Any]]:
    """The fields in which two records differ, of those that both have, one level deep."""
    found = {}
    for name in left.keys() & right.keys():
        one, other = left[name], right[name]
        if isinstance(one, dict) and isinstance(other, dict):
            shared = one.keys() & other.keys()
            one, other = ({key: side[key] for key in shared} for side in (one, other))
        if one != other:
            found[name] = (one, other)
    return found


def lacks(part: Any, whole: Any, path: str = "") -> str | None:
    """The path at which `whole` lacks something of `part`; lists must be of one length."""
    if isinstance(part, dict) and isinstance(whole, dict):
        found = (
            lacks(value, whole[name], f"{path}.{name}") if name in whole else f"{path}.{name}"
            for name, value in part.items()
        )
        return next((path for path in found if path), None)
    if isinstance(part, list) and isinstance(whole, list) and len(part) == len(whole):
        found = (
            lacks(p, w, f"{path}[{at}]") for at, (p, w) in enumerate(zip(part, whole, strict=False))
        )
        return next((path for path in found if path), None)
    return None if part == whole else path or "."
