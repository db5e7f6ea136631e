"""What schemathesis's own checks object to, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema_rs
from schemathesis.openapi.checks import JsonSchemaError

from sleeptalk_contract.contract.pointer import pointer
from sleeptalk_contract.judging.wording import complete, wording

if TYPE_CHECKING:
    from schemathesis.core.failures import Failure


def objection(failure: Failure) -> str:
    """Return what a failed check says. One about a schema is put into words, without the schema and the whole value."""
    if not isinstance(failure, JsonSchemaError):
        return str(failure)
    place = pointer(failure.instance_path) or "the value"
    try:
        error = next(iter(jsonschema_rs.validator_for(failure.schema).iter_errors(failure.instance)), None)
    except ValueError:  # a part of a schema that refers to what is not part of it
        error = None
    words = "does not fit its schema" if error is None else complete(*wording(error, failure.schema))
    return f"{failure.title}: {place} {words}"
