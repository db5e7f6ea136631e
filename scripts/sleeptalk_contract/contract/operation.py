"""One operation of an OpenAPI document: a method of a path, or a webhook, with what the document states about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.contract.document import Document

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The keys of a path item that hold operations."""

JSON: Final = "application/json"

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""The methods that change nothing, as HTTP has it (RFC 9110, 9.2.1)."""

_TEMPLATE: Final = re.compile(r"\{([^{}]*)\}")


def path_segment(value: str) -> str:
    """Return a value as one segment of a path; half of a surrogate pair in it stands for a byte that is not UTF-8."""
    return quote(value, safe="", errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation, its `$ref`s followed.

    `name` is the one on the wire, `value` the whole parameter object, `schema` its schema as written: that may be a
    `$ref`.
    """

    name: str
    place: Literal["path", "query", "header", "cookie"]
    required: bool
    schema: Mapping[str, Any] = field(repr=False)
    value: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """A response that an operation documents.

    `status` is the key as written ("200", "2XX", "default"). `content` has the schema of the body by media type, as
    written. `headers` has the header objects by name in lower case, their `$ref`s followed.
    """

    status: str
    description: str
    content: Mapping[str, Mapping[str, Any]] = field(repr=False)
    headers: Mapping[str, Mapping[str, Any]] = field(repr=False)

    @property
    def is_success(self) -> bool:
        """Whether it is a 2xx."""
        return self.status.startswith("2")

    def covers(self, status: int) -> bool:
        """Whether a status is this one, or in its range ("4XX")."""
        return self.status == str(status) or self.status.upper() == f"{status // 100}XX"


@dataclass(frozen=True, eq=False)
class Operation:
    """An operation of the contract, as its document describes it; the generated clients have one of their own.

    - `id`: its operationId; `method`: in capitals ("GET").
    - `path`: the path template ("/data/v2/sessions/{session_id}"), or the name of the webhook.
    - `pointer`: the JSON Pointer of the operation object; `value`: the object itself; `item`: the path item around it.

    Two operations are equal only when they are the same object.
    """

    document: Document = field(repr=False)
    id: str
    method: str
    path: str
    is_webhook: bool
    pointer: str
    value: Mapping[str, Any] = field(repr=False)
    item: Mapping[str, Any] = field(repr=False)

    @property
    def title(self) -> str:
        """What people call it: its summary, or else its operationId."""
        return str(self.value.get("summary") or self.id)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters of the path and of the operation; the operation's win. API keys are not among them.

        Raises UsageError where one has no name or no place.
        """
        found: dict[tuple[str, str], Parameter] = {}
        for holder, at in ((self.item, self.pointer.rpartition("/")[0]), (self.value, self.pointer)):
            for position, written in enumerate(holder.get("parameters") or []):
                value = self.document.resolved(written)
                if not isinstance(value, dict) or not {"name", "in"} <= value.keys():
                    place = f"{at}/parameters/{position}"
                    raise self.document.refusal(place, "a parameter needs the keys name and in.")
                schema = value.get("schema") or _first_schema(value.get("content"))
                one = Parameter(value["name"], value["in"], value.get("required") is True, schema, value)
                found[one.place, one.name] = one
        return tuple(found.values())

    def is_well_formed(self, path_parameters: Mapping[str, str]) -> bool:
        """Return whether the values of path parameters fit their documented patterns."""
        patterns = self._path_patterns
        return all(
            name not in patterns or patterns[name].fullmatch(value) is not None
            for name, value in path_parameters.items()
        )

    @cached_property
    def _path_patterns(self) -> Mapping[str, re.Pattern[str]]:
        found = {p.name: self.document.resolved(p.schema).get("pattern") for p in self.parameters if p.place == "path"}
        return {name: re.compile(pattern, re.DOTALL) for name, pattern in found.items() if pattern}

    @cached_property
    def request_content(self) -> Mapping[str, Mapping[str, Any]]:
        """The schema of the request's body by media type, as written; empty without a body."""
        body = self.document.resolved(self.value.get("requestBody")) or {}
        return _schemas(body.get("content"))

    @property
    def request_is_required(self) -> bool:
        """Whether a request must have a body."""
        body = self.document.resolved(self.value.get("requestBody")) or {}
        return body.get("required") is True

    def request_schema(self, media_type: str = JSON) -> dict[str, Any] | None:
        """Return the schema of the request's body, self-contained; None where none is documented."""
        schema = self.request_content.get(media_type)
        return None if schema is None else self.document.self_contained(schema)

    @cached_property
    def responses(self) -> Mapping[str, Response]:
        """The documented responses by status as written ("200", "2XX", "default"), their `$ref`s followed."""
        found: dict[str, Response] = {}
        for status, written in (self.value.get("responses") or {}).items():
            value = self.document.resolved(written) or {}
            headers = {
                name.lower(): self.document.resolved(header) for name, header in (value.get("headers") or {}).items()
            }
            found[status] = Response(status, value.get("description") or "", _schemas(value.get("content")), headers)
        return found

    @cached_property
    def documented_statuses(self) -> frozenset[int]:
        """The statuses that are documented by themselves, not by a range."""
        return frozenset(int(status) for status in self.responses if status.isdigit())

    @property
    def successes(self) -> tuple[Response, ...]:
        """The documented 2xx responses, "2XX" among them."""
        return tuple(response for response in self.responses.values() if response.is_success)

    def response(self, status: int) -> Response | None:
        """Return what is documented for a status: by itself, else by its range, else by "default"; None if nothing is.

        A `default` is documented for every status, so that callers who ask "is this documented" have an answer too.
        """
        exact = self.responses.get(str(status))
        ranged = (response for response in self.responses.values() if response.covers(status))
        return exact or next(ranged, None) or self.responses.get("default")

    def response_schema(self, status: int, media_type: str = JSON) -> dict[str, Any] | None:
        """Return the schema of a response's body, self-contained; None where none is documented."""
        response = self.response(status)
        schema = None if response is None else response.content.get(media_type)
        return None if schema is None else self.document.self_contained(schema)

    def at_its_path(self, method: str) -> Operation | None:
        """Return the operation of a method ("GET") at the same path or webhook; None where none is documented."""
        return next(
            (
                each
                for each in self.document.operations.values()
                if (each.is_webhook, each.path, each.method) == (self.is_webhook, self.path, method.upper())
            ),
            None,
        )

    def path_of(self, path_parameters: Mapping[str, str]) -> str:
        """Return the path of a request, percent-encoded: the template with the values of all its parameters."""
        return _TEMPLATE.sub(lambda found: path_segment(path_parameters[found[1]]), self.path)

    def match(self, path: str, errors: str = "replace") -> dict[str, str] | None:
        """Return the path parameters of a request, decoded, where its path fits the template; else None.

        `path` is that of the request below the server's own, without query. A webhook has no path, so nothing fits it.
        `errors` is what becomes of bytes that are not UTF-8, as `bytes.decode` has it.
        """
        located = self.locate(path, errors)
        return None if located is None or located[0] else located[1]

    def locate(self, path: str, errors: str = "replace") -> tuple[str, dict[str, str]] | None:
        """Return where the server's own path ends in the path of a request, and the path parameters, decoded.

        That is what comes before the template: ("/gateway", {"id": "7"}). None where the path does not end in it.
        """
        found = None if self.is_webhook else self._pattern.fullmatch(path)
        if found is None:
            return None
        base, *values = found.groups()
        return base, {name: unquote(text, errors=errors) for name, text in zip(self._names, values, strict=True)}

    @cached_property
    def _names(self) -> list[str]:
        return _TEMPLATE.findall(self.path)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        literals = [re.escape(part) for part in _TEMPLATE.split(self.path)[::2]]
        return re.compile("(.*)" + "([^/]*)".join(literals), re.DOTALL)


def _schemas(content: Any) -> dict[str, Mapping[str, Any]]:
    return {kind.lower(): (media or {}).get("schema") or {} for kind, media in (content or {}).items()}


def _first_schema(content: Any) -> Mapping[str, Any]:
    return next(iter(_schemas(content).values()), {})
