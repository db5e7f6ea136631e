"""What schemathesis works from: a document of a target's operations, with the values that are worth trying.

It is set up so that the same seed sends the same requests, and that nothing is written into the user's folder.
"""

import copy
from collections.abc import Mapping, Sequence
from typing import Any, Final

from schemathesis import Config

from sleeptalk_contract.contract.operation import Operation, Parameter
from sleeptalk_contract.contract.pointer import follow, with_whole_schemas
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.fuzzing.sparing import changes_things

_KNOWN: Final = "known-ids"

CHECK: Final = "contract_rules"
"""The one check that runs: it judges each exchange by the rules (see engine.py)."""

KNOWN_ID_SHARE: Final = 0.8
CREDENTIAL_SHARE: Final = 0.95

_EXAMPLES: Final = frozenset({"example", "examples", "default"})

LONGEST_LIST: Final = 2880
"""The longest lists worth generating: epochs of 30 s in 24 hours."""


def fuzzing_document(target: Target, ids: Sequence[str], credentials: Mapping[str, str]) -> dict[str, Any]:
    """Return the OpenAPI document with a target's operations under `paths`.

    Webhooks are lifted into paths, as schemathesis does not support them. Known ids become the examples of their path
    parameter, the user's credentials and the target's dictionaries those of their parameters, so that the phases that
    enumerate a document reach them. An operation that may change something has no examples in its path: they may exist.
    """
    operations = target.operations
    whole = operations[0].document.root
    document = {
        key: copy.deepcopy(value) for key, value in whole.items() if key not in {"paths", "webhooks", "servers"}
    }
    generated = _schemas_reached([operation.value.get("requestBody") for operation in operations], whole)
    if generated:  # they are generated from, so they are whole; what is only answered stays as it is
        schemas = with_whole_schemas(whole)["components"]["schemas"]
        document["components"]["schemas"] |= _generable(
            copy.deepcopy({name: schemas[name] for name in sorted(generated & schemas.keys())})
        )
    document["paths"] = {}
    for operation in operations:
        value = copy.deepcopy(dict(operation.value))
        value["parameters"] = [
            _without_examples(operation, parameter)
            if parameter.place == "path" and changes_things(operation)
            else _with_examples(parameter, _worth_trying(target, operation, parameter, ids, credentials))
            for parameter in operation.parameters
        ]
        document["paths"].setdefault(path_of(operation), {})[operation.method.lower()] = value
    return document


def path_of(operation: Operation) -> str:
    """Return the path of an operation in the document; of a webhook one that is made of its name."""
    return f"/{operation.path}" if operation.is_webhook else operation.path


def _schemas_reached(value: Any, root: Mapping[str, Any]) -> set[str]:
    """Return the names of the schemas under `components` that a value refers to, by way of others too."""
    reached: set[str] = set()
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            waiting += each.values()
            name = str(each.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in root.get("components", {}).get("schemas", {}) and name not in reached:
                reached.add(name)
                waiting.append(root["components"]["schemas"][name])
            elif isinstance(each.get("$ref"), str) and name == each["$ref"]:
                waiting.append(follow(root, each["$ref"]))  # another component, which may lead to a schema
    return reached


def _generable(value: Any) -> Any:
    """Leave `if`/`then` entries out of `allOf`, and keep lists to a day and night.

    schemathesis cannot generate from several conditions over the same properties. Bodies that keep them come from the
    target (`bodies`); whether any other body keeps them is left to the rules.
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


def _worth_trying(
    target: Target, operation: Operation, parameter: Parameter, ids: Sequence[str], credentials: Mapping[str, str]
) -> Sequence[str]:
    known = target.known_ids
    if known is not None and (operation.id, parameter.place, parameter.name) == (
        known.operation,
        "path",
        known.parameter,
    ):
        return ids
    if parameter.place == "header" and parameter.name.lower() in credentials:
        return (credentials[parameter.name.lower()],)
    return target.dictionaries.get(f"{parameter.place}.{parameter.name}", ((), 0.0))[0]


def _with_examples(parameter: Parameter, values: Sequence[str]) -> dict[str, Any]:
    value = copy.deepcopy(dict(parameter.value))
    if values:
        value.pop("example", None)
        value["examples"] = {f"value-{index}": {"value": each} for index, each in enumerate(values, start=1)}
    return value


def _without_examples(operation: Operation, parameter: Parameter) -> dict[str, Any]:
    value = {key: each for key, each in parameter.value.items() if key not in _EXAMPLES}
    schema = operation.document.resolved(parameter.schema)
    return copy.deepcopy({**value, "schema": {key: each for key, each in schema.items() if key not in _EXAMPLES}})


def configuration(
    target: Target, url: str, ids: Sequence[str], credentials: Mapping[str, str], *, seed: int, max_examples: int
) -> Config:
    """Make the configuration of one run.

    Known ids, the user's credentials and the target's dictionaries are what generated requests mostly draw from: ids
    only in the operation that they are known for, and nothing in the path of one that may change something. What
    schemathesis would learn from answers is switched off: a request must depend on the seed alone.
    """
    drawn: dict[str, tuple[Sequence[str], float]] = dict(target.dictionaries)
    for credential in target.credentials:
        if not credential.secret and credential.header in credentials:
            drawn[f"header.{credential.header}"] = ((credentials[credential.header],), CREDENTIAL_SHARE)
    known = f"path.{target.known_ids.parameter}" if target.known_ids is not None and ids else None
    names = {parameter: parameter.replace(".", "-") for parameter in drawn}
    dictionaries = {names[parameter]: {"values": list(values)} for parameter, (values, _) in drawn.items()}
    if known is not None:
        dictionaries[_KNOWN] = {"values": list(ids)}

    def drawing(operation: Operation) -> dict[str, Any]:
        parameters: dict[str, Any] = {
            parameter: {"dictionary": names[parameter], "probability": share}
            for parameter, (_, share) in drawn.items()
            if not (parameter.startswith("path.") and changes_things(operation))
        }
        is_known = target.known_ids is not None and operation.id == target.known_ids.operation
        if known is not None and is_known and not changes_things(operation):
            parameters[known] = {"dictionary": _KNOWN, "probability": KNOWN_ID_SHARE}
        return {"include-operation-id": operation.id, "parameters": parameters}

    return Config.from_dict(
        {
            "seed": seed,
            "base-url": url,
            "workers": 1,
            "continue-on-failure": True,
            "max-redirects": 0,
            "suppress-health-check": ["all"],
            "cache": {"enabled": False},
            "dictionaries": dictionaries,
            "operations": [drawing(operation) for operation in target.operations],
            "generation": {
                "mode": "all",
                "max-examples": max_examples,
                "database": "none",
                "no-shrink": True,
                "unique-inputs": True,
                "allow-x00": False,
                "with-security-parameters": False,
            },
            "checks": {"enabled": False, CHECK: {"enabled": True}},
            "phases": {
                "examples": {"enabled": True, "fill-missing": False, "extra-data-sources": {"responses": False}},
                # Other methods are tried by the rules phase, with ids that nothing has.
                "coverage": {"enabled": True, "unexpected-methods": [], "extra-data-sources": {"responses": False}},
                "fuzzing": {
                    "enabled": True,
                    "extra-data-sources": {"responses": False},
                    "error-feedback": {"enabled": False},
                },
                "stateful": {"enabled": False},
            },
        }
    )
