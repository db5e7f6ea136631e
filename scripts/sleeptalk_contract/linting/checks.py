"""What `sleeptalk lint` checks itself: YAML that readers agree on, the OpenAPI specification, examples, catalogues."""

from __future__ import annotations

import re
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.exceptions import OpenAPISpecValidatorError
from referencing.exceptions import Unresolvable

from sleeptalk_contract.contract.catalogue import problems_of_catalogue
from sleeptalk_contract.contract.operation import METHODS
from sleeptalk_contract.contract.pointer import NULL_RULE, described_schemas, follow, pointer, resolved
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.contract.versions import problems_of_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sleeptalk_contract.contract.document import Document

YAML: Final = "yaml"
"""The rule that every reader can read a text, and reads it alike."""

SCALAR: Final = "yaml/quoted-scalar"
SPECIFICATION: Final = "openapi"
EXAMPLES: Final = "examples/valid"
CATALOGUE: Final = "catalogue"
VERSIONS: Final = "versions"

_NESTED: Final = ("items", "additionalProperties")
_CHOICES: Final = ("anyOf", "oneOf")
_CORE: Final = {
    "bool": re.compile(r"true|false"),
    "int": re.compile(r"-?(0|[1-9][0-9]*)"),
    "float": re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?"),
    "null": re.compile(r"null"),
    "str": re.compile(r"(?![-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z|0o[0-7]+\Z).*", re.DOTALL),
}
"""How JSON writes the values of each kind: every YAML reader agrees on these."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One problem: what is wrong, what would be right, and where. `line` and `column` count from 1."""

    file: str
    line: int
    column: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}  {self.rule}  {self.message}"


def _flaws(file: Document) -> Iterator[Problem]:
    for flaw in file.flaws:
        yield Problem(file.label, flaw.line, flaw.column, YAML, flaw.sentence[0].upper() + flaw.sentence[1:])


def catalogue_problems(catalogue: Document) -> Iterator[Problem]:
    """Yield every problem of a catalogue of rules."""
    yield from _flaws(catalogue)
    if not catalogue.flaws:
        for path, message in problems_of_catalogue(catalogue.value):
            yield Problem(catalogue.label, *catalogue.place(pointer(path)), CATALOGUE, f"{message}.")


def versions_problems(versions: Document) -> Iterator[Problem]:
    """Yield every problem of the keys of a file that says what became of the version before."""
    yield from _flaws(versions)
    if not versions.flaws:
        for place, message in problems_of_versions(versions.value):
            yield Problem(versions.label, *versions.place(place), VERSIONS, message)


def own_problems(document: Document) -> Iterator[Problem]:
    """Yield every problem of a document but those of style."""
    yield from _flaws(document)
    if document.flaws:
        return
    if not isinstance(document.value, dict):
        message = "An OpenAPI document is a mapping. Right: `openapi: 3.1.0` ..."
        yield Problem(document.label, 1, 1, SPECIFICATION, message)
        return
    errors = [*_specification(document)]
    yield from errors
    yield from ambiguous_scalars(document)
    if not errors:
        for path, message in broken_examples(document.value):
            yield Problem(document.label, *document.place(pointer(path)), EXAMPLES, message)


def ambiguous_scalars(document: Document) -> Iterator[Problem]:
    """Yield each value without quotes that YAML 1.1 and 1.2 read differently."""
    for scalar in document.plain_scalars:
        agreed = _CORE.get(scalar.kind)
        if agreed is None or not agreed.fullmatch(scalar.text):
            message = f'YAML readers disagree on {scalar.text or "an empty value"}. Right: "{scalar.text}" in quotes.'
            yield Problem(document.label, scalar.line, scalar.column, SCALAR, message)


def specification_errors(document: Mapping[str, Any]) -> Iterator[tuple[tuple[object, ...], str]]:
    """Yield (path of keys, message) for each way in which `document` is not valid OpenAPI 3.1."""
    try:
        for error in OpenAPIV31SpecValidator(dict(document)).iter_errors():
            message = f"{error.message.splitlines()[0]}."
            wants_text = (error.validator, error.validator_value) == ("type", "string")
            if wants_text and isinstance(error.instance, int | float):
                message += " Right: the same in quotes."
            yield _from_the_root(document, tuple(error.absolute_path), error.instance), message
    except OpenAPISpecValidatorError as error:
        yield (), f"{str(error).splitlines()[0]}."
    except Unresolvable as error:
        yield (), f"A $ref cannot be resolved: {error.ref}."
    except RecursionError:
        yield (), "It is nested too deeply to be checked. Right: a `$ref` to a component."


def _from_the_root(document: Mapping[str, Any], path: tuple[str | int, ...], value: object) -> tuple[str | int, ...]:
    """Return the path of a value from the root of a document: that of an error in a schema begins at the schema."""
    if not path:
        return path
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    for where, node in waiting:  # which grows meanwhile
        with suppress(LookupError, TypeError, ValueError):
            found = follow(node, pointer(path))
            if found == value and type(found) is type(value):
                return (*where, *path)
        if isinstance(node, dict):
            waiting += [((*where, key), each) for key, each in node.items()]
        elif isinstance(node, list):
            waiting += [((*where, index), each) for index, each in enumerate(node)]
    return path


def refuse_unsound(document: Document) -> None:
    """Raise UsageError, with line, for what is not valid OpenAPI, and as refuse_ambiguous does."""
    refuse_ambiguous(document)
    for problem in sorted(_specification(document)):
        raise UsageError(f"{problem.file} line {problem.line}: {problem.message}")


def refuse_ambiguous(document: Document) -> None:
    """Raise UsageError, with line, for a value without quotes that may become another one: a date, `on`, 12:30:00, 012.

    Ways to write numbers and null that only lint minds, such as -1e+300, pass.
    """
    kinds = {(scalar.line, scalar.column): scalar.kind for scalar in document.plain_scalars}
    for problem in ambiguous_scalars(document):
        if kinds[problem.line, problem.column] not in {"str", "null"}:
            raise UsageError(f"{problem.file} line {problem.line}: {problem.message}")


def _specification(document: Document) -> Iterator[Problem]:
    for path, message in specification_errors(document.root):
        yield Problem(document.label, *document.place(pointer(path)), SPECIFICATION, message)


def broken_examples(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield (path of keys to the media type's example, message) for each example that its schema refuses.

    Readers must ignore unknown fields, so the schemas leave room for them; but an example with one is a mistake, so
    that what the schema does not document is refused here.
    """
    closed = deepcopy({**document.get("components", {}).get("schemas", {}), **described_schemas(document)})
    for schema in closed.values():
        if NULL_RULE not in schema:
            _close(schema)
    for path, media in _media_types(document):
        schema = deepcopy(media.get("schema", {}))
        _close(schema)
        validator = jsonschema_rs.Draft202012Validator(
            {**schema, "components": {"schemas": closed}},
            validate_formats=True,
        )
        for place, value in _examples(document, media):
            for error in validator.iter_errors(value):
                found = _nearest(error)
                where = pointer(found.instance_path) or "/"
                yield (*path, *place), f"At {where}: {found.message}. Right: an example that matches its schema."


def _examples(document: Mapping[str, Any], media: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if "example" in media:
        yield ("example",), media["example"]
    for name, written in media.get("examples", {}).items():
        example = resolved(document, written)
        yield ("examples", name), example.get("value") if isinstance(example, dict) else None


def _media_types(document: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Yield every media type of the bodies of operations (webhooks too) and of the shared responses and requests."""
    for holder, path in _holders(document):
        for media_type, media in (holder or {}).get("content", {}).items():
            yield (*path, "content", media_type), media


def _holders(document: Mapping[str, Any]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Yield every request body and response, `$ref`s among them, with its path of keys."""
    for section in ("paths", "webhooks"):
        for name, item in document.get(section, {}).items():
            for method in METHODS:
                operation = item.get(method, {})
                yield operation.get("requestBody"), (section, name, method, "requestBody")
                for status, response in operation.get("responses", {}).items():
                    yield response, (section, name, method, "responses", status)
    for kind in ("responses", "requestBodies"):
        for name, holder in document.get("components", {}).get(kind, {}).items():
            yield holder, ("components", kind, name)


def _close(schema: Any) -> None:
    """Make every schema that lists properties refuse others, except conditions and parts (members of `allOf`)."""
    if not isinstance(schema, dict):
        return
    if "properties" in schema:
        schema.setdefault("unevaluatedProperties", False)
        for member in schema["properties"].values():
            _close(member)
    for keyword in _NESTED:
        _close(schema.get(keyword))
    for keyword in _CHOICES:
        for member in schema.get(keyword, ()):
            if "properties" not in schema:
                _close(member)


def _nearest(error: jsonschema_rs.ValidationError) -> jsonschema_rs.ValidationError:
    """Return the deepest error inside a choice (`anyOf`, `oneOf`): it is more specific than "no branch fits"."""
    branches = getattr(error.kind, "context", None)
    inner = [_nearest(found) for branch in branches or () for found in branch]
    return max(inner, key=lambda found: len(found.instance_path), default=error)
