"""The judge: every rule that one exchange of a target can keep or break, looked at once."""

from __future__ import annotations

from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING

from sleeptalk_contract.contract.catalogue import GROUPS
from sleeptalk_contract.contract.exchange import NOT_JSON, Breach, Exchange, Knowledge, Verdict
from sleeptalk_contract.judging.case import Case
from sleeptalk_contract.judging.history import History
from sleeptalk_contract.judging.registry import CHECKS
from sleeptalk_contract.judging.schema import callback_judge, response_judge
from sleeptalk_contract.services.asleep.rules import callback, receiver, session, session_requests
from sleeptalk_contract.services.phonexia.rules import analysis, analysis_requests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sleeptalk_contract.judging.schema import SchemaJudge

RULE_MODULES = (analysis, analysis_requests, callback, receiver, session, session_requests)
"""The modules that fill the registry; importing them is what registers their rules."""

_SUCCESS = 200
_KEY_REFUSALS = frozenset({401, 403})
_ERROR_SHAPE = "session.error-detail-string"
_SHAPE_OF = {"asleep": "session.shape", "phonexia": "analysis.shape"}


class Judge:
    """Judges the exchanges of one target, "asleep", "phonexia" or "callback", in the order in which they happened.

    The target "callback" has two groups of rules: `receiver`, for what our deliveries met, and `callback`, for what a
    sender delivered. `groups` chooses between them; by default every exchange is judged as a receiver's, and one whose
    intent is "delivery", an honest delivery as a sender sends it, as a sender's too. Several threads may judge at once.
    """

    def __init__(self, target: str, knowledge: Knowledge, groups: Iterable[str] | None = None) -> None:
        self._target = target
        self._knowledge = knowledge
        self._groups = None if groups is None else frozenset(groups)
        self._history = History()
        self._lock = Lock()

    def judge(self, exchange: Exchange) -> Verdict:
        """Judge one exchange: what it exercises, what it breaks, and what is wrong beyond the rules."""
        groups = self._groups_of(exchange)
        case = Case(exchange, self._knowledge, self._history)
        by_document = self._by_document(exchange, groups, case)
        checked = Counter(by_document.checked)
        breaches = list(by_document.breaches)
        with self._lock:
            for identifier, check in CHECKS.items():
                if identifier.partition(".")[0] not in groups:
                    continue
                findings = check(case)
                if findings is None:
                    continue
                checked[identifier] += 1
                breaches += [Breach(identifier, message, where) for where, message in findings]
        return Verdict(checked, tuple(breaches), by_document.beyond)

    def _groups_of(self, exchange: Exchange) -> frozenset[str]:
        if self._groups is not None:
            return self._groups
        groups = frozenset(GROUPS[self._target])
        return groups if self._target != "callback" or exchange.intent == "delivery" else groups - {"callback"}

    def _by_document(self, exchange: Exchange, groups: frozenset[str], case: Case) -> Verdict:
        if self._target != "callback":
            return _answer_by_document(exchange, case)
        if "callback" in groups and isinstance(exchange.request_json, dict):
            return callback_judge().judge(exchange.request_json)
        return Verdict({})


def _answer_by_document(exchange: Exchange, case: Case) -> Verdict:
    """Judge an answer's body by the schema of its status."""
    if exchange.status is None or exchange.method != "GET" or not case.asks_for_json:
        return Verdict({})
    judge = response_judge(exchange.target, exchange.status)
    if judge is None:
        return Verdict({})
    if exchange.status == _SUCCESS:
        return _success_by_document(exchange, judge)
    return _error_by_document(exchange, judge) if case.is_sane else Verdict({})


def _success_by_document(exchange: Exchange, judge: SchemaJudge) -> Verdict:
    shape = _SHAPE_OF[exchange.target]
    if exchange.response_json is NOT_JSON:
        return Verdict({shape: 1}, (Breach(shape, "is not JSON", ""),))
    verdict = judge.judge(exchange.response_json)
    if exchange.response_is_json_type:
        return verdict
    given = exchange.response_headers.get("content-type", "missing")
    wrong = Breach(shape, f"is {given}, not application/json", "header content-type")
    return Verdict(verdict.checked, (*verdict.breaches, wrong), verdict.beyond)


def _error_by_document(exchange: Exchange, judge: SchemaJudge) -> Verdict:
    """Judge an error's body. A refusal of the key may come from a gateway: it is judged only where it has a detail."""
    body = exchange.response_json
    if exchange.status in _KEY_REFUSALS and not (isinstance(body, dict) and "detail" in body):
        return Verdict({})
    if body is not NOT_JSON:
        return _without_shape(judge.judge(body), _SHAPE_OF[exchange.target])
    if exchange.target != "asleep":
        return Verdict({})
    return Verdict({_ERROR_SHAPE: 1}, (Breach(_ERROR_SHAPE, "is not JSON", ""),))


def _without_shape(verdict: Verdict, shape: str) -> Verdict:
    """Move what breaks the shape of an error to the findings of no rule: the shape rules are about a 200.

    What has another shape is no such error at all, and is not judged for its parts.
    """
    checked = {rule: count for rule, count in verdict.checked.items() if rule != shape}
    other_shape = tuple(Breach("", breach.message, breach.where) for breach in verdict.breaches if breach.rule == shape)
    return Verdict({}, (), other_shape) if other_shape else Verdict(checked, verdict.breaches, verdict.beyond)
