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
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

Role = Literal["provider", "receiver", "sender"]
"""A provider answers operations under `paths`; a receiver answers webhooks, which a sender delivers."""

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Credential:
    """A header whose value the user gives: `option` and `variable` are where it comes from.

    A `secret` one is a key: it appears in no output, and its spoiled forms are sent to see them refused.
    """

    header: str
    option: str
    variable: str
    secret: bool


@dataclass(frozen=True, slots=True)
class KnownIds:
    """The option that names things that exist.

    `parameter` is the path parameter they stand in, `form` their form in words; the document has the pattern.
    """

    option: str
    parameter: str
    form: str


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """The rules about one role. `operations` are operationIds; `checks` are the rule functions by rule id.

    `title` and `summary` head the group in the reference; `schemas` are those whose fields its sentences name.
    """

    name: str
    role: Role
    operations: tuple[str, ...]
    title: str
    summary: str
    checks: Mapping[str, Callable[[Any], Any]] = field(default=NOTHING, repr=False)
    schemas: tuple[str, ...] = ()


class Fault(Protocol):
    """One way to break one rule."""

    @property
    def rule(self) -> str:
        """The id of the rule that it breaks."""
        ...

    @property
    def name(self) -> str:
        """What tells it from the other faults of its rule."""
        ...

    @property
    def summary(self) -> str:
        """What the broken implementation does, in words."""
        ...

    @property
    def full_name(self) -> str:
        """Rule and name: "session.shape:not-json"."""
        ...


@dataclass(frozen=True, slots=True)
class Embedded:
    """A running implementation of the sandbox, and what a run must know to ask it.

    `credentials` are header values by header; `known_ids` are answered with success, `tried_ids` with a documented
    refusal.
    """

    url: str
    credentials: Mapping[str, str] = field(default=NOTHING, repr=False)
    known_ids: tuple[str, ...] = ()
    tried_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """What can be judged by `sleeptalk fuzz` (a provider or a receiver) and `sleeptalk listen` (its sender).

    - `name`: what the command line calls it; `summary`: a line of help.
    - `groups`: its rule groups, in the order of reports.
    - `credentials`, `known_ids`: what the user can tell of an implementation.
    - `probes`: makes the particular requests that its rules need, in steps that stay together.
    - `dictionaries`: values that generated requests mostly draw from, by "place.name" of a parameter
      ("header.timezone"), each with the share of requests that draw.
    - `embedded`: serves the sandbox's implementation, honest or with one fault, as long as a block lasts.
    - `deliveries`: what the sandbox's sender delivers, for targets with a sender.
    - `state`: names the state that an exchange's body is about ("COMPLETE", "done"), "-" without one.
    """

    name: str
    summary: str
    groups: tuple[RuleGroup, ...]
    credentials: tuple[Credential, ...] = ()
    known_ids: KnownIds | None = None
    probes: Callable[..., Iterable[Sequence[Any]]] | None = None
    dictionaries: Mapping[str, tuple[Sequence[str], float]] = field(default=NOTHING, repr=False)
    embedded: Callable[..., AbstractContextManager[Embedded]] | None = None
    deliveries: Callable[..., Iterable[Any]] | None = None
    state: Callable[[Any], str] = field(default=lambda _exchange: "-", repr=False)


@dataclass(frozen=True, slots=True)
class Service:
    """One service: a document, its targets, and what its folder adds.

    - `name`: of the document (`openapi/<name>.yaml`, `openapi/rules/<name>.yaml`) and of the generated package.
    - `module`: where the value stands, so that another process can import it ("sleeptalk_contract.services.asleep").
    - `formats`: the document's string formats that JSON Schema leaves open, as Hypothesis strategies, made on demand.
    - `faults`: every way in which its sandbox breaks a rule.
    - `application`: the sandbox's providers as one ASGI application, with faults.
    - `snippets`: the Python example of each operation, by operationId.
    """

    name: str
    module: str
    targets: tuple[Target, ...]
    formats: Callable[[], Mapping[str, Any]] = field(default=lambda: NOTHING, repr=False)
    faults: tuple[Fault, ...] = field(default=(), repr=False)
    application: Callable[..., Any] | None = None
    snippets: Mapping[str, str] = field(default=NOTHING, repr=False)
