"""What the service writes where it has nothing to say, turned into the form that the document gives it.

Whether unused fields are left out, null or empty is not documented, and no sample shows a null: a `detail` or a
`context` that is null says as much as one that is not there, and must not cost the error that holds it.
"""

from __future__ import annotations

from typing import Any


def repaired_task(body: Any) -> Any:
    """Give an answer with null in the place of `{}` for result and error: an empty object is not a result."""
    if not isinstance(body, dict):
        return body
    unpopulated = {name: None for name in ("result", "error") if body.get(name) == {}}
    return {**body, "error": repaired_error(body.get("error")), **unpopulated}


def repaired_error(error: Any) -> Any:
    """Give an error without the nulls among its optional parts: detail, context, and the values of a context."""
    error = _without_null(error, "detail")
    if isinstance(error, dict) and isinstance(error.get("detail"), list):
        error["detail"] = [_repaired_particular(particular) for particular in error["detail"]]
    return error


def _repaired_particular(particular: Any) -> Any:
    particular = _without_null(particular, "context")
    if isinstance(particular, dict) and isinstance(particular.get("context"), dict):
        particular["context"] = {name: value for name, value in particular["context"].items() if value is not None}
    return particular


def _without_null(value: Any, name: str) -> Any:
    """Give a copy of an object without the field, where that is null; anything else as it is."""
    if not isinstance(value, dict):
        return value
    return {key: part for key, part in value.items() if key != name or part is not None}
