"""A callback's body without the fields that the document does not know."""

from __future__ import annotations

from functools import cache
from typing import Any

from sleeptalk_contract.contract.documents import document


@cache
def _documented(schema: str) -> frozenset[str]:
    return frozenset(document("asleep")["components"]["schemas"][schema]["properties"])


def _only(value: Any, schema: str) -> Any:
    """Give an object with only the keys of a named schema; anything else as it is."""
    return (
        {key: item for key, item in value.items() if key in _documented(schema)} if isinstance(value, dict) else value
    )


def without_undocumented_fields(body: Any) -> Any:
    """Give a copy of a callback's body with only its documented fields, at every depth."""
    if not isinstance(body, dict):
        return body
    complete = body.get("callback_event") == "SESSION_COMPLETE"
    plain = _only(body, "SessionCompleteCallback" if complete else "InferenceCompleteCallback")
    if isinstance(plain.get("callback_data"), dict):
        data = _only(plain["callback_data"], "SessionCompleteData" if complete else "InferenceCompleteData")
        if "sleep_data" in data:
            data["sleep_data"] = _only(data["sleep_data"], "SleepData")
        plain["callback_data"] = data
    return plain
