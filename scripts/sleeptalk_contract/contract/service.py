"""What a service is to the engine: a frozen value that holds all that its document cannot say.

The engine (judging, fuzzing, sandbox, listening, mutation, reporting, diffing, reference) is handed a Service or one of
its targets and compares no service's name. A service, a document, a target, an operation, a rule group and the
environment variable of a key are six things:

- a *service* is a folder under `services/` with one document;
- a *document* is an OpenAPI file with operations, under `paths` and under `webhooks`;
- an *operation* is one of those, by its operationId;
- a *rule group* holds the rules about one role: the part of a rule's id before the dot;
- a *target* is what `sleeptalk fuzz` is pointed at: an implementation, judged by one or more rule groups;
- a *credential* is a header with the option and the environment variable that its value comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from sleeptalk_contract.contract.catalogue import catalogue_of
from sleeptalk_contract.contract.document import document

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from sleeptalk.runtime.overrides import Overrides
    from sleeptalk_contract.contract.catalogue import Rule
    from sleeptalk_contract.contract.exchange import Exchange, Knowledge, Role
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.reading import Reading

Kind = Literal["known", "refused", "changing"]
"""How a scenario of the sandbox is answered."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A header whose value the user gives: `option` and `variable` are where it comes from, `meaning` is for the help.

    A `secret` one is a key: it appears in no output, and wrong keys derived from it are sent, which must be refused.
    """

    header: str
    option: str
    variable: str
    secret: bool
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class KnownIds:
    """The option that names things that exist.

    `parameter` is the path parameter of `operation` that they stand in, `form` their form in words; the document has
    the pattern.
    """

    option: str
    operation: str
    parameter: str
    form: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What the user can say of an implementation with a flag, `option`; `meaning` is its help.

    Rules whose condition no request can show are judged where it is said. The sandbox's own implementations are as all
    claims say.
    """

    option: str
    meaning: str


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """A group of the catalogue's rules, which are about one role.

    `operations` are operationIds; `checks` are the rule functions by rule id; `schemas` are those whose fields the
    sentences of the group name.
    """

    name: str
    operations: tuple[str, ...]
    checks: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict, repr=False)
    schemas: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to break one rule, for providers, receivers and senders alike.

    `rule` is the id of the rule, `name` distinguishes the ways to break the same rule, `summary` is what the broken
    implementation does, in words that follow "it". `apply` takes a request to the sandbox and the honest answer, and
    returns the answer to send instead: that one, changed in place or not, or another (`sandbox.answers`).
    """

    rule: str
    name: str
    summary: str
    apply: Callable[[Any, Any], Any] = field(repr=False)

    @property
    def full_name(self) -> str:
        """The rule and the name in one: "session.shape:not-json"."""
        return f"{self.rule}:{self.name}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of the sandbox's sender: its headers (names in lower case) and its body.

    `scenario` and `event` name it for people, even where a fault has changed the body. `second` is when it becomes due,
    counted from the start of its scenario.
    """

    scenario: str
    event: str
    second: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn picture for the README and the reference: its file name without ending, an SVG, and what it shows."""

    name: str
    svg: str = field(repr=False)
    caption: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing that the sandbox can show, reached by `operation` with `path_parameters`.

    By `kind` it is answered with success and always the same ("known"), with a documented refusal ("refused"), or
    not always the same ("changing"). Those of a sender are sent. `query`, `body` (JSON text) and `headers`, which
    replace credentials, are what else its request has.
    """

    name: str
    summary: str
    operation: str
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    kind: Kind = "known"
    query: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """What can be judged by `sleeptalk fuzz` (a provider or a receiver) and `sleeptalk listen` (its sender).

    - `name`: its name on the command line; `summary`: a line of help.
    - `document`: the OpenAPI file; its catalogue of rules is `rules/` and the same name beside it.
    - `groups`: its rule groups, in the order of reports.
    - `credentials`, `known_ids`, `claims`: what the user can pass about an implementation.
    - `probes(knowledge, ids)`: the particular requests that its rules need, in steps that stay together
      (`fuzzing.probe`); those that write only where the knowledge allows it, and only on what they have made.
    - `honest_probes(knowledge)`: a few requests that every implementation accepts which knows the credentials.
    - `renewed(body)`: the body of a request, about something that no implementation has been told of before; where
      that cannot be made, as it is.
    - `dictionaries`: values that generated requests mostly draw from, by "place.name" of a parameter
      ("header.timezone"), each with the share of requests that draw.
    - `formats()`: the document's string formats that JSON Schema leaves open, as Hypothesis strategies.
    - `bodies(knowledge)`: by operationId, a Hypothesis strategy that half of its generated bodies are drawn from.
    - `implementation(credentials)`: the sandbox's honest provider or receiver (`sandbox.web.ServedImplementation`); it
      expects those credentials, by header, and its own public ones in place of those that are not given.
    - `scenarios`: what that implementation shows, or what the sender sends, for people and for runs without ids.
    - `deliveries(credentials, faults, timezone)`: by scenario, what the sandbox's sender delivers, for targets with a
      sender; times in bodies have the offset of `timezone`, by default UTC. Raises ValueError for an unknown one.
    - `version`: the version of what the sender delivers, as people call it ("V2"); empty where there is only one.
    - `readings`: how `sleeptalk get` reads and shows its results, each kind in its own way.
    - `state`: names the state that an exchange's body is about ("COMPLETE", "done"), "-" without one.
    - `lane`: names what an exchange is about, from the headers and the JSON body of its request (NOT_JSON without one),
      where rules compare it with others; "" where that is its path. Those of different lanes may be judged apart.
    - `caption`: what a delivery is about in a few words for people ("SESSION_COMPLETE of <id>"), "-" where it does
      not say.
    """

    name: str
    summary: str
    document: Path
    groups: tuple[RuleGroup, ...]
    credentials: tuple[Credential, ...] = ()
    known_ids: KnownIds | None = None
    claims: tuple[Claim, ...] = ()
    probes: Callable[[Knowledge, tuple[str, ...]], Iterable[Any]] = field(
        default=lambda _knowledge, _ids: (), repr=False
    )
    honest_probes: Callable[[Knowledge], Sequence[Any]] = field(default=lambda _knowledge: (), repr=False)
    renewed: Callable[[bytes], bytes] = field(default=lambda body: body, repr=False)
    dictionaries: Mapping[str, tuple[Sequence[str], float]] = field(default_factory=dict, repr=False)
    formats: Callable[[], Mapping[str, Any]] = field(default=dict, repr=False)
    bodies: Callable[[Knowledge], Mapping[str, Any]] = field(default=lambda _knowledge: {}, repr=False)
    implementation: Callable[[Mapping[str, str]], Any] | None = None
    scenarios: tuple[Scenario, ...] = ()
    deliveries: Callable[..., Mapping[str, Sequence[Delivery]]] | None = None
    version: str = ""
    readings: tuple[Reading, ...] = ()
    state: Callable[[Exchange], str] = field(default=lambda _exchange: "-", repr=False)
    lane: Callable[[Mapping[str, str], Any], str] = field(default=lambda _headers, _body: "", repr=False)
    caption: Callable[[Exchange], str] = field(default=lambda _exchange: "-", repr=False)

    def operation(self, operation_id: str) -> Operation:
        """Return an operation of its document. Raises UsageError where there is none of this operationId."""
        return document(self.document.stem, self.document.parent).operation(operation_id)

    @property
    def rules(self) -> Mapping[str, Rule]:
        """The rules of its groups by id, in the catalogue's order."""
        names = {group.name for group in self.groups}
        return {
            rule.id: rule
            for rule in catalogue_of(self.document.stem, self.document.parent).rules.values()
            if rule.group in names
        }

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations of its groups, each once."""
        return tuple(map(self.operation, dict.fromkeys(each for group in self.groups for each in group.operations)))

    @property
    def all_claims(self) -> frozenset[str]:
        """The options of all its claims."""
        return frozenset(claim.option for claim in self.claims)

    @property
    def key(self) -> Credential | None:
        """The credential that is a key; None for a target without keys."""
        return next((credential for credential in self.credentials if credential.secret), None)

    def role_of(self, group: str) -> Role:
        """Return the role that one of its groups of rules is about, as in the catalogue."""
        return catalogue_of(self.document.stem, self.document.parent).groups[group].role

    def rules_about(self, role: Role) -> tuple[Rule, ...]:
        """Return the rules of its groups about one role, in the catalogue's order."""
        names = {group.name for group in self.groups if self.role_of(group.name) == role}
        return tuple(rule for rule in self.rules.values() if rule.group in names)

    def has(self, role: Role) -> bool:
        """Whether one of its groups is about this role."""
        return any(self.role_of(group.name) == role for group in self.groups)


@dataclass(frozen=True, slots=True)
class Service:
    """One service: a document, its targets, and what its folder adds.

    - `name`: of the document (`<name>.yaml`, `rules/<name>.yaml` beside it) and of the generated package.
    - `module`: where the value SERVICE stands, so that another process can import it.
    - `document`: the OpenAPI file.
    - `faults`: every way in which its sandbox breaks a rule.
    - `snippets`: the Python example of each operation, by operationId.
    - `overrides`: those of its Python client, which say what it raises where it is refused; None without a client.
    - `pictures`: draws what the README and the reference show of its data.
    """

    name: str
    module: str
    document: Path
    targets: tuple[Target, ...]
    faults: tuple[Fault, ...] = field(default=(), repr=False)
    snippets: Mapping[str, str] = field(default_factory=dict, repr=False)
    pictures: Callable[[], Sequence[Picture]] = field(default=lambda: (), repr=False)
    overrides: Overrides | None = field(default=None, repr=False)

    @property
    def key_variables(self) -> frozenset[str]:
        """The environment variables that the keys of its targets come from."""
        return frozenset(each.variable for target in self.targets for each in target.credentials if each.secret)

    @property
    def texts(self) -> tuple[Path, ...]:
        """The files of its document and its catalogue."""
        return self.document, self.document.parent / "rules" / self.document.name

    def faults_named(self, name: str) -> tuple[Fault, ...]:
        """Return the faults of a rule, or the one whose full name ("session.shape:not-json") is given."""
        return tuple(fault for fault in self.faults if name in {fault.rule, fault.full_name})

    def target_of(self, rule: str) -> Target:
        """Return the target that a rule, or a group of rules, is about. Raises LookupError where there is none."""
        group = rule.partition(".")[0]
        for target in self.targets:
            if any(each.name == group for each in target.groups):
                return target
        raise LookupError(f"{self.name} has no rule {rule}")

    def role_of(self, rule: str) -> Role:
        """Return the role that a rule, or a group of rules, is about. Raises LookupError where there is none."""
        return self.target_of(rule).role_of(rule.partition(".")[0])


def snippet(package: str, module: str) -> str:
    """Return the source of an example in a package of snippets, without the line that describes the module."""
    return (resources.files(package) / module).read_text(encoding="utf-8").partition('"""\n\n')[2]
