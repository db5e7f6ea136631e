"""The judge: checks one exchange of a target against every rule that it can keep or break."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.contract.bodies import read_body
from sleeptalk_contract.contract.exchange import NOT_JSON, Breach, Exchange, Knowledge, Verdict, why_not_json
from sleeptalk_contract.judging.case import Case, History, is_about_body_alone
from sleeptalk_contract.judging.http import KEY_REFUSALS
from sleeptalk_contract.judging.schema import request_judge, response_judge, success_shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sleeptalk_contract.contract.exchange import Role
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Target
    from sleeptalk_contract.judging.case import Check
    from sleeptalk_contract.judging.schema import SchemaJudge

    _Found = tuple[list[str], list[Breach]]


@dataclass(frozen=True, eq=False, slots=True)
class _Rules:
    """The rules about one operation and one role.

    `group` is the first group of them, None without one. The functions of those that JSON Schema cannot say are apart:
    `about_body` judge the body of a success or a delivery alone.
    """

    group: str | None
    about_body: tuple[tuple[str, Check], ...]
    others: tuple[tuple[str, Check], ...]
    key: object
    """stands for `about_body`: the same object for the same functions"""

    def about_body_of(self, case: Case) -> _Found:
        """Return what an exchange shows of the rules about its body alone, found once for all equal bodies."""
        body = case.delivery if case.exchange.role == "sender" else case.success
        if body is None or not self.about_body:
            return _found(case, self.about_body)
        return body.once((self.key, case.operation), lambda: _found(case, self.about_body))


@cache
def _key_of(_checks: tuple[tuple[str, Check], ...]) -> object:
    return object()


def _found(case: Case, checks: Iterable[tuple[str, Check]]) -> _Found:
    """Return the ids of the rules that are exercised, and what breaks them."""
    exercised: list[str] = []
    breaches: list[Breach] = []
    for identifier, check in checks:
        broken = check(case)
        if broken is not None:
            exercised.append(identifier)
            if broken:
                breaches += [Breach(identifier, message, location) for location, message in broken]
    return exercised, breaches


_MOST_KEPT: Final = 1000
"""Methods of requests that operations are remembered for; others are looked up."""


class Judge:
    """Judges the exchanges of one target in the order in which they happened.

    An exchange is judged by those of the target's groups of rules that are about its role and its operation: the
    answer of a provider or a receiver, or what a sender delivered. Several threads may judge at once.
    """

    def __init__(self, target: Target, knowledge: Knowledge) -> None:
        self._target = target
        self._knowledge = knowledge
        self._history = History()
        self._lock = Lock()
        self._operations: dict[tuple[str, str], Operation] = {}
        self._rules: dict[tuple[str, Role], _Rules] = {}

    def case(self, exchange: Exchange, knowledge: Knowledge | None = None) -> Case:
        """Return an exchange as the rule functions take it; `knowledge` is as for `judge`.

        Where a request of another method is an operation of its own, it is judged as that.
        """
        asked = (exchange.operation, exchange.method)
        operation = self._operations.get(asked)
        if operation is None:
            named = self._target.operation(exchange.operation)
            operation = named.at_its_path(exchange.method) or named
            if len(self._operations) < _MOST_KEPT:
                self._operations[asked] = operation
        if operation.id != exchange.operation:
            exchange = replace(exchange, operation=operation.id)
        return Case(exchange, operation, knowledge or self._knowledge, self._history)

    def _rules_about(self, operation: str, role: Role) -> _Rules:
        found = self._rules.get((operation, role))
        if found is None:
            groups = [
                group
                for group in self._target.groups
                if self._target.role_of(group.name) == role and operation in group.operations
            ]
            checks = [item for group in groups for item in group.checks.items()]
            about_body = tuple(item for item in checks if is_about_body_alone(item[1]))
            others = tuple(item for item in checks if item not in about_body)
            found = self._rules[operation, role] = _Rules(
                groups[0].name if groups else None, about_body, others, _key_of(about_body)
            )
        return found

    def judge(self, exchange: Exchange, knowledge: Knowledge | None = None) -> Verdict:
        """Judge one exchange: what it exercises, what it breaks, and what is wrong beyond the rules.

        `knowledge` is what is known of this exchange, where that is not what is known of all.
        """
        case = self.case(exchange, knowledge)
        exchange = case.exchange
        rules = self._rules_about(exchange.operation, exchange.role)
        by_document = Verdict({}) if rules.group is None else _by_document(case, rules.group)
        if exchange.ended_early:  # to the rules about requests it is no answer: the connection may end for any reason
            case = self.case(replace(exchange, status=None, failure="connection"), knowledge)
        checked = dict(by_document.checked)
        breaches = list(by_document.breaches)
        with self._lock:
            found = _found(case, rules.others)
        for exercised, broken in (rules.about_body_of(case), found):
            for identifier in exercised:
                checked[identifier] = checked.get(identifier, 0) + 1
            breaches += broken
        is_said = any(not breach.location for breach in breaches) and (case.is_falsely_json or exchange.ended_early)
        return Verdict(
            checked,
            tuple(breaches),
            () if is_said else by_document.beyond,
            succeeded=bool(checked) if exchange.role == "sender" else case.is_success,
            throttled=case.is_throttled,
        )


def ids_shown(
    operation: Operation, target: Target, exchange: Exchange, credentials: Mapping[str, str]
) -> frozenset[str]:
    """Return the ids that an exchange shows to be known: well-formed ones that are answered with success.

    One that is asked for with a wrong key is taken to be known as well, so that nothing but the key explains a refusal.
    `credentials` are the right values, by header.
    """
    key = target.key
    has_wrong_key = (
        key is not None
        and key.header in credentials
        and exchange.request_headers.get(key.header) != credentials[key.header]
    )
    is_known = (exchange.successful or has_wrong_key) and operation.is_well_formed(exchange.path_parameters)
    return frozenset(exchange.path_parameters.values()) if is_known else frozenset()


def _by_document(case: Case, group: str) -> Verdict:
    """Judge what a sender delivered by the schema of the request, an answer of a provider by that of its status."""
    exchange = case.exchange
    if exchange.role == "provider":
        return _answer_by_document(case, group)
    if exchange.role == "sender" and isinstance(exchange.request_json, dict):
        judge = request_judge(case.operation, group)
        return Verdict({}) if judge is None else judge.judge_body(case.delivery)
    return Verdict({})


def _answer_by_document(case: Case, group: str) -> Verdict:
    status = case.exchange.status
    if status is None or not case.is_by_method or not case.asks_for_json:
        return Verdict({})
    judge = None if case.documented is None else response_judge(case.operation, status, group)
    if judge is not None and case.exchange.successful:
        return _success_by_document(case.exchange, judge)
    shape = success_shape(case.operation, group)
    if case.is_falsely_json:
        return _broken_shape(
            judge.shape if judge is not None and judge.shape != shape else None,
            _why_unreadable(case.exchange),
            "",
        )
    return _error_by_document(case, judge, shape) if judge is not None and case.is_sane else Verdict({})


def _success_by_document(exchange: Exchange, judge: SchemaJudge) -> Verdict:
    if exchange.response_json is NOT_JSON:
        return _broken_shape(judge.shape, _why_unreadable(exchange), "")
    verdict = judge.judge_body(read_body(exchange.response_body))
    if exchange.response_is_json_type:
        return verdict
    given = exchange.response_headers.get("content-type", "missing")
    wrong = _broken_shape(judge.shape, f"is {given}, not application/json", "header content-type")
    return Verdict(verdict.checked, (*verdict.breaches, *wrong.breaches), (*verdict.beyond, *wrong.beyond))


def _why_unreadable(exchange: Exchange) -> str:
    """Return why an answer is not JSON that our own clients read: they ask for gzip and for no other encoding."""
    if exchange.ended_early:
        return f"is cut short: it {exchange.ended_early}"
    if not exchange.encoded:
        return why_not_json(exchange.response_body)
    encoding = exchange.response_headers.get("content-encoding")
    return f"is not JSON: our clients cannot undo its content-encoding, {encoding}"


def _broken_shape(shape: str | None, message: str, location: str) -> Verdict:
    """Return the breach of a body's shape rule; a finding beyond the rules where it has none."""
    breach = Breach(shape or "", message, location)
    return Verdict({shape: 1}, (breach,)) if shape else Verdict({}, (), (breach,))


def _error_by_document(case: Case, judge: SchemaJudge, shape: str | None) -> Verdict:
    """Judge an error's body. A refusal of the key may come from a gateway: it is judged where it is a documented one.

    `shape` is the shape rule of a success, which is not about errors. Where an error has no other, a body that is not
    JSON says nothing.
    """
    body = case.exchange.response_json
    if case.exchange.status in KEY_REFUSALS and not judge.recognises(body):
        return Verdict({})
    if body is not NOT_JSON:
        return _without_shape(judge.judge(body), shape)
    return (
        Verdict({}) if judge.shape in {None, shape} else _broken_shape(judge.shape, _why_unreadable(case.exchange), "")
    )


def _without_shape(verdict: Verdict, shape: str | None) -> Verdict:
    """Move what breaks the shape of an error beyond the rules: the shape rules are about a success.

    What has another shape is not such an error at all, and is not judged for its parts.
    """
    checked = {rule: count for rule, count in verdict.checked.items() if rule != shape}
    other_shape = tuple(
        Breach("", breach.message, breach.location) for breach in verdict.breaches if breach.rule == shape
    )
    return Verdict({}, (), other_shape) if other_shape else Verdict(checked, verdict.breaches, verdict.beyond)
