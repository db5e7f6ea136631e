"""The OpenAPI documents as data: where they are, what `$ref` leads to, and the schema of each body.

In a checkout the documents are read from its `openapi/` folder, in an installed package from the package's own copy.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from sleeptalk_contract.contract.exchange import is_too_deep
from sleeptalk_contract.contract.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DOCUMENTS: Final = ("asleep", "phonexia")

_OPERATIONS: Final = {  # target: document, section, operationId
    "asleep": ("asleep", "paths", "getSession"),
    "phonexia": ("phonexia", "paths", "getTimeAnalysis"),
    "callback": ("asleep", "webhooks", "receiveCallback"),
}

_JSON: Final = "application/json"
_LONGEST_REASON: Final = 300


def folder() -> Path:
    """Where the documents and the catalogue are: the checkout's `openapi/`, or the copy inside the package."""
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent.parent / "openapi"
    return checkout if (checkout / "rules.yaml").is_file() else package / "openapi"


def read_yaml(name: str) -> Any:
    """Read `<name>.yaml` from the documents' folder; a UsageError sentence where it is absent or no YAML."""
    path = folder() / f"{name}.yaml"
    try:
        return read_yaml_text(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): reinstall sleeptalk.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 at byte {error.start}: save it as UTF-8.") from error


def read_yaml_text(text: str, label: str) -> Any:
    """Read a YAML text; `label` names it in the UsageError sentence where it is none or is nested too deeply."""
    try:
        value = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # safe either way
        _see_that_it_is_shallow(value)
    # PyYAML lets out what Python says of a date that there is not, of digits without end, of a bad !!timestamp
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError) as error:
        raise UsageError(f"{label} is not YAML: {' '.join(str(error).split())[:_LONGEST_REASON]}.") from error
    return value


def _see_that_it_is_shallow(value: Any) -> None:
    if is_too_deep(value):
        raise ValueError("it is nested too deeply to be read")


@cache
def document(name: str) -> Mapping[str, Any]:
    """Give the OpenAPI document "asleep" or "phonexia" as read. It is shared: never change it."""
    read = read_yaml(name)
    if not isinstance(read, dict):
        raise UsageError(f"{folder() / name}.yaml is no OpenAPI document: its top level must be a mapping.")
    return read


def token(key: object) -> str:
    """Write a key or an index as one token of a JSON Pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def pointer(keys: Iterable[object]) -> str:
    """Write a path of keys and indices as a JSON Pointer; "" is the whole."""
    return "".join(f"/{token(key)}" for key in keys)


def parts(pointer: str) -> list[str]:
    """Read the keys and indices of a JSON Pointer, with or without a leading "#"."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("#").split("/")[1:]]


def follow(root: Any, pointer: str) -> Any:
    """Follow a JSON Pointer such as "/components/schemas/Stat", with or without a leading "#", from `root`.

    Raises LookupError where it leads nowhere.
    """
    value = root
    for key in parts(pointer):
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise LookupError(f"{pointer} leads nowhere: there is no {key!r}") from error
    return value


def resolved(root: Mapping[str, Any], value: Any) -> Any:
    """Follow `$ref` from `value` until there is none."""
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        value = follow(root, value["$ref"])
    return value


@cache
def operation(target: str) -> Mapping[str, Any]:
    """Give the operation object of a target: "asleep", "phonexia" or "callback" (the webhook)."""
    name, section, operation_id = _OPERATIONS[target]
    for item in document(name).get(section, {}).values():
        for candidate in item.values():
            if isinstance(candidate, dict) and candidate.get("operationId") == operation_id:
                return candidate
    raise UsageError(f"{folder() / name}.yaml has no operation {operation_id} under {section}.")


@cache
def path_of(target: str) -> str:
    """Give the path template of "asleep" or "phonexia", such as "/data/v2/sessions/{session_id}"."""
    name, section, _ = _OPERATIONS[target]
    wanted = operation(target)
    return next(str(path) for path, item in document(name)[section].items() if wanted in item.values())


@cache
def documented_statuses(target: str) -> frozenset[int]:
    """Give the statuses that the operation of a target documents."""
    return frozenset(int(status) for status in operation(target)["responses"] if str(status).isdigit())


def self_contained(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give a schema of document `name` together with its components, so that its `$ref`s resolve inside it."""
    return {**schema, "components": {"schemas": document(name)["components"]["schemas"]}}


@cache
def response_schema(target: str, status: int) -> dict[str, Any] | None:
    """Give the JSON Schema of a JSON answer; None where the status, or a JSON body for it, is not documented."""
    name = _OPERATIONS[target][0]
    responses = operation(target)["responses"]
    response = resolved(document(name), responses.get(str(status), responses.get(status)))
    media = ((response or {}).get("content") or {}).get(_JSON)
    return None if media is None else self_contained(name, media["schema"])


@cache
def callback_schema() -> dict[str, Any]:
    """Give the JSON Schema of a callback's body."""
    body = resolved(document("asleep"), operation("callback")["requestBody"])
    return self_contained("asleep", body["content"][_JSON]["schema"])


@cache
def named_schema(name: str, schema: str) -> dict[str, Any]:
    """Give `components/schemas/<schema>` of document `name`, self-contained."""
    return self_contained(name, {"$ref": f"#/components/schemas/{schema}"})
