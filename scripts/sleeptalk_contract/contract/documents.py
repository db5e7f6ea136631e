"""The functions that the tools read documents with until each of them is handed a Document."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract import document as _document
from sleeptalk_contract.contract.document import Document, document_paths, folder
from sleeptalk_contract.contract.pointer import follow, parts, pointer, resolved, token
from sleeptalk_contract.contract.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.contract.operation import Operation

__all__ = ["folder", "follow", "parts", "pointer", "resolved", "token"]

DOCUMENTS: Final = tuple(path.stem for path in document_paths())

_OPERATIONS: Final = {
    "asleep": ("asleep", "getSession"),
    "phonexia": ("phonexia", "getTimeAnalysis"),
    "callback": ("asleep", "receiveCallback"),
}


def read_yaml(name: str) -> Any:
    """Read `<name>.yaml` from the documents' folder; a UsageError sentence where it cannot be read."""
    return Document.read(folder() / f"{name}.yaml").value


def read_yaml_text(text: str, label: str) -> Any:
    """Read a YAML text; `label` names it in the UsageError sentence where it is flawed."""
    return Document.parse(text, label).value


def document(name: str) -> Mapping[str, Any]:
    """Return the OpenAPI document "asleep" or "phonexia" as read. It is shared: never change it."""
    return _document.document(name).root


def _operation(target: str) -> Operation:
    name, operation_id = _OPERATIONS[target]
    return _document.document(name).operation(operation_id)


def operation(target: str) -> Mapping[str, Any]:
    """Return the operation object of a target: "asleep", "phonexia" or "callback" (the webhook)."""
    return _operation(target).value


def path_of(target: str) -> str:
    """Return the path template of "asleep" or "phonexia", such as "/data/v2/sessions/{session_id}"."""
    return _operation(target).path


def documented_statuses(target: str) -> frozenset[int]:
    """Return the statuses that the operation of a target documents."""
    return _operation(target).documented_statuses


@cache
def response_schema(target: str, status: int) -> dict[str, Any] | None:
    """Return the JSON Schema of a JSON answer; None where the status, or a JSON body for it, is not documented."""
    return _operation(target).response_schema(status)


@cache
def callback_schema() -> dict[str, Any]:
    """Return the JSON Schema of a callback's body."""
    schema = _operation("callback").request_schema()
    if schema is None:
        raise UsageError("the callback has no body of JSON.")
    return schema


def named_schema(name: str, schema: str) -> dict[str, Any]:
    """Return `components/schemas/<schema>` of document `name`, self-contained."""
    return _document.document(name).schema(schema)
