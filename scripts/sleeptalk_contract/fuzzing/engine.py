"""schemathesis's engine on one target: its schema, its one check, its phases."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from unittest import mock

import schemathesis
from hypothesis import strategies
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NOT_SET
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.engine.context import EngineContext
from schemathesis.engine.core import ExecutionPlan
from schemathesis.engine.events import EngineEvent
from schemathesis.engine.run import Phase, PhaseName
from schemathesis.generation import metrics
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.transport.requests import REQUESTS_TRANSPORT, RequestsTransport

from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.operation import path_segment
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.objections import objection
from sleeptalk_contract.fuzzing.probe import Probe
from sleeptalk_contract.fuzzing.transport import ExchangedResponse
from sleeptalk_contract.fuzzing.workers import Workers

PHASES: Final = (PhaseName.EXAMPLES, PhaseName.COVERAGE, PhaseName.FUZZING)

BEYOND: Final = ("content_type_conformance", "response_headers_conformance", "response_schema_conformance")
"""Checks of schemathesis that may find what no rule covers."""

AnyOperation = APIOperation[Any, Any, Any, Any]

Assess = Callable[[Exchange, Callable[[], list[str]]], None]
"""Judges one exchange; the second argument asks schemathesis's own checks, for when the rules are silent."""


class ContractSchema(OpenApiSchema):
    """A schema whose cases go through our transport and whose exchanges go to `assess`, on one of the `workers`."""

    contract_transport: RequestsTransport = REQUESTS_TRANSPORT
    assess: Assess | None = None
    workers: Workers | None = None

    @property
    def transport(self) -> RequestsTransport:
        """What its cases are sent with."""
        return self.contract_transport


def operation_id(operation: AnyOperation) -> str:
    """Return the operationId of an operation of the schema."""
    return str(operation.definition.raw["operationId"])


class Prober:
    """Sends probes as cases of the schema's operations."""

    def __init__(self, schema: ContractSchema) -> None:
        results: list[Any] = list(schema.get_all_operations())
        found: list[Any] = [result.ok() for result in results]
        self._operations = {operation_id(operation): operation for operation in found}

    def send(self, probe: Probe) -> tuple[Case[Any], Response]:
        """Send one probe by the schema's transport; the response is the transport's."""
        operation: Any = self._operations[probe.operation]
        case: Case[Any] = operation.Case(
            method=probe.method or operation.method.upper(),
            path_parameters={name: path_segment(value) for name, value in probe.path_parameters.items()},
            query=dict(probe.query),
            headers=dict(probe.headers),
            body=NOT_SET,
        )
        return case, case.call(intent=probe.intent, data=probe.body)


def mix_bodies(schema: ContractSchema, bodies: Mapping[str, SearchStrategy[Any]]) -> None:
    """Let half of the bodies that schemathesis generates for some operations, by operationId, be drawn from others."""

    @schema.hook
    def before_generate_body(context: HookContext, strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
        ours = None if context.operation is None else bodies.get(operation_id(context.operation))
        return strategy if ours is None else strategies.one_of(strategy, ours)


@schemathesis.check
def contract_rules(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Judge an exchange by the rules; a generated request is sent before that, once a worker is free.

    It raises nothing: a check that fails makes Hypothesis change what it sends next, and the requests of a run must not
    depend on what the server gets wrong.
    """
    schema = case.operation.schema
    if not isinstance(schema, ContractSchema) or schema.assess is None or not isinstance(response, ExchangedResponse):
        return
    assess, later = schema.assess, response.later

    def judge(answered: ExchangedResponse) -> None:
        if answered.exchange is not None:
            assess(answered.exchange, lambda: _beyond(ctx, answered, case))

    if later is None:
        judge(response)
    elif schema.workers is not None:
        schema.workers.submit(lambda: judge(later()))


def load(
    document: dict[str, Any],
    config: SchemathesisConfig,
    transport: RequestsTransport,
    assess: Assess,
    formats: Mapping[str, SearchStrategy[str]],
) -> ContractSchema:
    """Make a schema of `document` that sends by `transport` and hands each exchange to `assess`."""
    for name, strategy in formats.items():
        schemathesis.openapi.format(name, strategy)
    schema = ContractSchema(raw_schema=document, config=config.projects.get(document))
    schema.contract_transport = transport
    schema.assess = assess
    return schema


def engine_events(schema: ContractSchema, control: Control, workers: Workers) -> Iterator[EngineEvent]:
    """Run the phases that enumerate and generate; `workers` send what they make.

    The probes that the engine would send first are left out. They are requests of their own kind, sent past our
    transport, and would reach servers that nobody wants probed.
    """
    schema.workers = workers
    plan = ExecutionPlan([Phase(name) for name in PHASES])
    with _depending_on_the_seed_alone():
        # Its protocol of a schema has attributes where its own schemas have cached properties.
        context = EngineContext(schema=schema, stop_event=control.event)  # pyright: ignore[reportArgumentType]  # see above
        yield from plan.execute(context)


@contextmanager
def _depending_on_the_seed_alone() -> Iterator[None]:
    """Keep generation from two things that cannot be switched off.

    The engine leans towards what was answered 2xx; the shards of a run, which see different answers, would then not fit
    together. Hypothesis draws constants that it finds in the modules which happen to be imported; which ones are
    depends on the installation and on what the process did before.
    """
    with (
        mock.patch.object(metrics, "maximize", _nothing),
        mock.patch.object(providers, "_get_local_constants", Constants),
    ):
        providers.CONSTANTS_CACHE.cache.clear()
        yield
    providers.CONSTANTS_CACHE.cache.clear()


def _nothing(*_: object, **__: object) -> None:
    """Do nothing."""


def _beyond(ctx: CheckContext, response: Response, case: Case[Any]) -> list[str]:
    messages = []
    for name in BEYOND:
        try:
            CHECKS.get_one(name)(ctx, response, case)  # type: ignore[call-arg]  # these are functions, no classes
        except FailureGroup as group:
            messages += [objection(failure) for failure in group.exceptions]
        except Failure as failure:
            messages.append(objection(failure))
    return messages


def use_cache_folder() -> None:
    """Let Hypothesis keep its tables in the user's cache folder, not in the folder that the user is in."""
    try:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        root = Path(tempfile.gettempdir())
    set_hypothesis_home_dir(root / "sleeptalk" / "hypothesis")
