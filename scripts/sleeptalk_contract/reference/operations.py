"""The page of one operation: what is sent and answered, field by field, with samples, nulls, errors and rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.reference.calls import call_of, credentials_of, scenario_of, scenarios_of, targets_of
from sleeptalk_contract.reference.examples import Example, examples_of_answer, examples_of_request
from sleeptalk_contract.reference.raised import Raised, otherwise, raised, receiver_errors
from sleeptalk_contract.reference.samples import Sample, samples
from sleeptalk_contract.reference.tree import Condition, Forest, Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sleeptalk_contract.contract.catalogue import Rule
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Scenario
    from sleeptalk_contract.reference.published import Published

_PLACES: Final = {"path": "Path", "query": "Query", "header": "Headers", "cookie": "Cookies"}


@dataclass(frozen=True, slots=True)
class Body:
    """A body: its media type, what is in it, and its examples."""

    media: str
    node: Node
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A documented answer: `status` as written, `remedy` says what to do about an error, "" where nothing is said.

    - `raised`: what the Python client raises then; `receiver_errors`: what our receiver answers so, by status.
    """

    status: str
    description: str
    remedy: str
    headers: tuple[Node, ...]
    body: Body | None
    rules: tuple[Rule, ...]
    raised: tuple[Raised, ...] = ()
    receiver_errors: tuple[tuple[int, str], ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether it is a 4xx or 5xx."""
        return self.status[:1] in {"4", "5"}


@dataclass(frozen=True, slots=True)
class Form:
    """What the form needs to try an operation: the values that the sandbox expects, and what it can show.

    `values` are by "place.name" ("header.x-user-id"), and so are those of each of the `scenarios`; `body` is the JSON
    to begin with, None without one; `files` are the names of the parts of a form that take a file.
    """

    values: Mapping[str, str]
    scenarios: tuple[tuple[Scenario, Mapping[str, str]], ...]
    chosen: Scenario | None
    body: str | None
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OperationPage:
    """All that the page of an operation shows.

    - `parameters`: by place, those of a request that are not its body; credentials are among them.
    - `request`: its body, None without one; `replies`: what is answered.
    - `conditions`: when fields of the read body are null; `rules`: those that no field, parameter or error shows.
    - `form`: for trying it against the sandbox; None for a webhook.
    - `otherwise`: what the Python client raises for statuses that are not documented.
    """

    part: Published
    operation: Operation
    samples: tuple[Sample, ...]
    parameters: tuple[tuple[str, tuple[Node, ...]], ...]
    request: Body | None
    replies: tuple[Reply, ...]
    conditions: tuple[Condition, ...]
    rules: tuple[Rule, ...]
    form: Form | None
    otherwise: tuple[tuple[str, Raised], ...] = ()

    @property
    def successes(self) -> tuple[Reply, ...]:
        """What is answered other than errors."""
        return tuple(reply for reply in self.replies if not reply.is_error)

    @property
    def errors(self) -> tuple[Reply, ...]:
        """The 4xx and 5xx answers."""
        return tuple(reply for reply in self.replies if reply.is_error)

    @property
    def nullable(self) -> tuple[str, ...]:
        """The paths of the fields that some condition makes null, in the order of the body."""
        named = {path for condition in self.conditions for path in condition.null}
        bodies = [self.request, *(reply.body for reply in self.successes)]
        paths = [node.path for body in bodies if body is not None for node in body.node.walk()]
        return tuple(path for path in dict.fromkeys(paths) if path in named)


def operation_page(
    part: Published, operation: Operation, mentioned: Mapping[tuple[str, str], Sequence[str]]
) -> OperationPage:
    """Return the page of an operation; `mentioned` are the rules whose sentences name a field, by (schema, field)."""
    groups = frozenset(group.name for group in part.groups_about(operation))
    forest = Forest(part, operation.id, groups, mentioned)
    parameters = _parameters(forest, operation)
    request = _request(forest, operation)
    replies = tuple(_reply(forest, operation, status) for status in operation.responses)
    trees = [node for _, nodes in parameters for node in nodes]
    trees += [body.node for body in (request, *(reply.body for reply in replies)) if body is not None]
    shown = {rule for tree in trees for node in tree.walk() for rule in node.rules}
    shown |= {rule for reply in replies for rule in reply.rules}
    return OperationPage(
        part,
        operation,
        samples(part, operation),
        parameters,
        request,
        replies,
        tuple(forest.conditions),
        tuple(rule for rule in part.rules_about(operation) if rule not in shown),
        None if operation.is_webhook else _form(part, operation),
        otherwise(part, operation),
    )


def _parameters(forest: Forest, operation: Operation) -> tuple[tuple[str, tuple[Node, ...]], ...]:
    by_place: dict[str, list[Node]] = {place: [] for place in _PLACES}
    documented = {each.name.lower() for each in operation.parameters if each.place == "header"}
    for credential in credentials_of(forest.part, operation):
        if credential.header not in documented:
            by_place["header"].append(_key(forest, credential.header))
    for each in operation.parameters:
        node = forest.tree(
            each.schema,
            each.name,
            required=each.required,
            description=each.value.get("description", ""),
            more=_about(forest, each.name, each.place),
        )
        by_place[each.place].append(node)
    return tuple((_PLACES[place], tuple(nodes)) for place, nodes in by_place.items() if nodes)


def _key(forest: Forest, header: str) -> Node:
    """Return the header of a key, of which only a security scheme of the document knows."""
    schemes = (forest.part.document.root.get("components") or {}).get("securitySchemes") or {}
    found = (each["description"] for each in schemes.values() if each.get("name", "").lower() == header)
    more = _about(forest, header, "header")
    return forest.tree({"type": "string"}, header, description=next(found, "The key."), more=more)


def _about(forest: Forest, name: str, place: str) -> list[str]:
    """Return the ids of the rules whose sentences name a parameter."""
    words = rf"\{{{re.escape(name)}\}}" if place == "path" else rf"(?<![\w-]){re.escape(name)}(?![\w-])"
    if place != "path" and re.fullmatch(r"\w+", name) and "_" not in name:
        words = rf"\b{re.escape(name)} {place}\b"
    return [rule.id for rule in forest.part.catalogue.rules.values() if re.search(words, rule.sentence)]


def _request(forest: Forest, operation: Operation) -> Body | None:
    body = forest.part.document.resolved(operation.value.get("requestBody")) or {}
    for media, schema in operation.request_content.items():
        node = forest.tree(schema, required=operation.request_is_required, description=body.get("description", ""))
        return Body(media, node, examples_of_request(forest.part, operation))
    return None


def _reply(forest: Forest, operation: Operation, status: str) -> Reply:
    documented = operation.responses[status]
    written = forest.part.document.resolved(operation.value["responses"][status])
    headers = tuple(
        forest.tree(
            each.get("schema", {}),
            name,
            required=each.get("required") is True,
            description=each.get("description", ""),
            more=_about(forest, name, "header"),
        )
        for name, each in documented.headers.items()
    )
    body = None
    for media, schema in documented.content.items():
        body = body or Body(media, forest.tree(schema), examples_of_answer(forest.part, operation, status))
    is_error = status[:1] in {"4", "5"}
    said = [] if body is None else [each for each in body.examples if not each.is_printed] or body.examples
    rules = [rule.id for rule in forest.part.catalogue.rules.values() if re.search(rf"\b{status}\b", rule.sentence)]
    return Reply(
        status,
        documented.description,
        written.get("x-remedy", ""),
        headers,
        body,
        tuple(dict.fromkeys((*forest.rules(rules), *_rules_within(body)))) if is_error else (),
        raised(forest.part, operation, status, [each.value for each in said]) if is_error else (),
        receiver_errors(forest.part, operation, status) if is_error else (),
    )


def _shown_by(scenario: Scenario) -> dict[str, str]:
    """Return the values of a request that shows a scenario, by "place.name"; the body is "body"."""
    places = {"path": scenario.path_parameters, "query": scenario.query, "header": scenario.headers}
    values = {f"{place}.{name}": value for place, given in places.items() for name, value in given.items()}
    return {**values, **({"body": scenario.body} if scenario.body else {})}


def _rules_within(body: Body | None) -> Iterable[Rule]:
    return [] if body is None else [rule for node in body.node.walk() for rule in node.rules]


def _form(part: Published, operation: Operation) -> Form | None:
    """Return the form to try an operation; None where the sandbox has no implementation of it."""
    targets = targets_of(part, operation) or part.service.targets
    implementations = [target.implementation({}) for target in targets if target.implementation is not None]
    if not implementations:
        return None
    expected: dict[str, str] = dict(implementations[0].credentials)
    call = call_of(part, operation)
    variables = {each.variable: expected.get(each.header, "") for each in credentials_of(part, operation)}
    for target in targets:
        variables |= {each.variable: expected.get(each.header, "") for each in target.credentials}

    def values(place: str, given: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
        for name, value in given.items():
            yield f"{place}.{name}", variables.get(value.variable, "") if value.variable else value.text

    return Form(
        dict([*values("path", call.path_values), *values("query", call.query), *values("header", call.headers)]),
        tuple((each, found) for each in scenarios_of(part, operation) if (found := _shown_by(each))),
        scenario_of(part, operation),
        call.body,
        tuple(call.files or ()),
    )
