"""The query and the body of a request to the sandbox of data v3, read and checked."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.document import document
from sleeptalk_contract.judging.schema import request_judge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE: Final = re.compile(r"[0-9]{1,7}")
_LEAP_YEAR: Final = 2000


class AskedWronglyError(ValueError):
    """A parameter or a body that does not have its documented form; its text is for the answer."""


def day(query: Mapping[str, Sequence[str]], name: str) -> date | None:
    """Return a day of a query; None where it is not there. Raises AskedWronglyError."""
    text = query.get(name, [""])[-1]
    if name not in query:
        return None
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else _refuse(name)
    except ValueError:
        return _refuse(name)


def required_day(query: Mapping[str, Sequence[str]], name: str) -> date:
    """Return a day of a query. Raises AskedWronglyError, also where it is not there."""
    found = day(query, name)
    return _refuse(name) if found is None else found


def whole(query: Mapping[str, Sequence[str]], name: str, default: int, most: int) -> int:
    """Return a whole number of a query, `default` where it is not there. Raises AskedWronglyError."""
    text = query.get(name, [str(default)])[-1]
    return int(text) if _WHOLE.fullmatch(text) and int(text) <= most else _refuse(name)


def one_of(query: Mapping[str, Sequence[str]], name: str, values: Sequence[str]) -> str:
    """Return one of some values of a query, the first where it is not there. Raises AskedWronglyError."""
    text = query.get(name, [values[0]])[-1]
    return text if text in values else _refuse(name)


def metadata(body: Any) -> Mapping[str, Any] | None:
    """Return the metadata of a new user. Raises AskedWronglyError where it is not as documented."""
    judge = request_judge(document("asleep-v3").operation("createUser"), "users")
    verdict = None if judge is None else judge.judge(body)
    if verdict is None or verdict.breaches or verdict.beyond:
        return _refuse("metadata")
    found: Mapping[str, Any] | None = body.get("metadata")
    if found is not None:
        month, birth_day = found.get("birth_month"), found.get("birth_day")
        year = found.get("birth_year") or _LEAP_YEAR
        if month and birth_day and birth_day > monthrange(year, month)[1]:
            _refuse("birth_day")
    return found


def _refuse(name: str) -> Any:
    raise AskedWronglyError(f"Invalid parameter: {name}")
