"""The document that schemathesis works from: one operation, with the ids and time zones that are worth trying."""

import copy
from collections.abc import Sequence
from typing import Any, Final

from sleeptalk_contract.contract import documents

CALLBACK_PATH: Final = "/"
"""Where the lifted webhook is sent, below the receiver's URL."""

LONGEST_LIST: Final = 2880
"""Epochs of 30 s in 24 hours."""

TIMEZONES: Final = (
    "UTC",
    "Asia/Seoul",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Adelaide",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Auckland",
    "America/Sao_Paulo",
    "Africa/Cairo",
    "Pacific/Honolulu",
)
"""Zones that every time zone database has: with and without daylight saving, both hemispheres, half hours."""

_NAMES: Final = {"asleep": "asleep", "phonexia": "phonexia", "callback": "asleep"}


def fuzzing_document(target: str, known_ids: Sequence[str], user_id: str | None) -> dict[str, Any]:
    """Make the OpenAPI document for a target ("asleep", "phonexia" or "callback") with its one operation under `paths`.

    The webhook is lifted into a path, because schemathesis knows no webhooks. Known ids become the examples of the path
    parameter, the user's id and time zones those of their headers, so that the phases that enumerate a document reach
    them.
    """
    whole = documents.document(_NAMES[target])
    document = {
        key: copy.deepcopy(value) for key, value in whole.items() if key not in {"paths", "webhooks", "servers"}
    }
    operation = copy.deepcopy(dict(documents.operation(target)))
    operation["parameters"] = [
        _with_examples(copy.deepcopy(documents.resolved(whole, parameter)), known_ids, user_id)
        for parameter in operation.get("parameters", [])
    ]
    if target == "callback":
        document["components"] = _generable(document["components"])
        document["paths"] = {CALLBACK_PATH: {"post": operation}}
    else:
        document["paths"] = {documents.path_of(target): {"get": operation}}
    return document


def _generable(value: Any) -> Any:
    """Leave `if`/`then` entries out of `allOf`, and keep lists to a day and night.

    schemathesis cannot generate from several conditions over the same properties. Bodies that keep them come from
    nights (night_bodies.py); whether any other body keeps them is seen by the rules. Longer lists show nothing more.
    """
    if isinstance(value, list):
        return [_generable(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _generable(item) for key, item in value.items() if key != "allOf"}
    if isinstance(kept.get("maxItems"), int):
        kept["maxItems"] = min(kept["maxItems"], LONGEST_LIST)
    unconditional = [item for item in value.get("allOf", []) if "if" not in item]
    return {**kept, "allOf": _generable(unconditional)} if unconditional else kept


def identifier_parameter(target: str) -> str | None:
    """Name the path parameter of a target; None for a receiver, which has none."""
    if target == "callback":
        return None
    return documents.path_of(target).partition("{")[2].partition("}")[0]


def _with_examples(parameter: dict[str, Any], known_ids: Sequence[str], user_id: str | None) -> dict[str, Any]:
    values: Sequence[str] = ()
    if parameter["in"] == "path":
        values = known_ids
    elif parameter["name"] == "x-user-id" and user_id:
        values = (user_id,)
    elif parameter["name"] == "timezone":
        values = TIMEZONES
    if values:
        parameter.pop("example", None)
        parameter["examples"] = {f"value-{index}": {"value": value} for index, value in enumerate(values, start=1)}
    return parameter
