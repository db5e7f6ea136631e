"""What a run has found so far."""

import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from sleeptalk_contract.contract.catalogue import Rule
from sleeptalk_contract.contract.exchange import Breach, Exchange, Verdict
from sleeptalk_contract.contract.redaction import redacted, shortened
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.reporting.cases import curl, record
from sleeptalk_contract.reporting.model import MOST_FINDINGS, Acceptance, Finding, RuleResult

_LONGEST_MESSAGE: Final = 600
_LONGEST_STATE: Final = 30
_VALUES: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")


class Findings:
    """Collects the verdicts of a run on one target. Safe to use from several threads.

    `rules` are those that are reported; `key` is the right API key, which is kept out of everything that is stored.
    """

    def __init__(self, target: Target, rules: Iterable[Rule], key: str | None) -> None:
        self._target = target
        self._rules = tuple(rules)
        self._key = key
        self._lock = threading.Lock()
        self._checked: Counter[str] = Counter()
        self._broken: Counter[str] = Counter()
        self._findings: dict[str, dict[tuple[str, str], Finding]] = {}
        self._answers: Counter[tuple[str, str]] = Counter()
        self.requests = 0

    def add(self, exchange: Exchange, verdict: Verdict, beyond: Iterable[str] = ()) -> None:
        """Take in one exchange, its verdict and what schemathesis says of it beyond the rules."""
        with self._lock:
            self.requests += 1
            self._answers[(self._state(exchange), str(exchange.status or "none"))] += 1
            self._checked.update(verdict.checked)
            self._broken.update({breach.rule for breach in verdict.breaches})
            for breach in verdict.breaches:
                self._keep(breach.rule, breach, exchange)
            for breach in verdict.beyond:
                self._keep("", breach, exchange)
            for message in beyond:
                self._keep("", Breach("", " ".join(message.split()), ""), exchange)

    @property
    def broken_rules(self) -> int:
        """How many rules have been seen broken so far."""
        with self._lock:
            return len(self._broken)

    def results(
        self,
        hints: Mapping[str, str],
        accepted: Mapping[str, Acceptance],
        expired: Mapping[str, str] = MappingProxyType({}),
    ) -> tuple[RuleResult, ...]:
        """Give every rule's result, in the catalogue's order.

        By rule: `hints` say what would exercise it, `accepted` that its failures are accepted, `expired` that they no
        longer are.
        """
        with self._lock:
            return tuple(self._result(rule, hints, accepted, expired) for rule in self._rules)

    def beyond(self) -> tuple[Finding, ...]:
        """Give the findings that belong to no rule."""
        with self._lock:
            return self._kept("")

    def answers(self) -> dict[tuple[str, str], int]:
        """Count (state, status) pairs, sorted."""
        with self._lock:
            return dict(sorted(self._answers.items()))

    def _result(
        self, rule: Rule, hints: Mapping[str, str], accepted: Mapping[str, Acceptance], expired: Mapping[str, str]
    ) -> RuleResult:
        checked, broken = self._checked[rule.id], self._broken[rule.id]
        if broken:
            acceptance = accepted.get(rule.id)
            told = expired.get(rule.id, "") if acceptance is None else ""
            return RuleResult(rule, max(checked, broken), broken, self._kept(rule.id), told, acceptance)
        return RuleResult(rule, checked, hint="" if checked else hints.get(rule.id, ""))

    def _kept(self, rule: str) -> tuple[Finding, ...]:
        return tuple(self._findings.get(rule, {}).values())

    def _keep(self, rule: str, breach: Breach, exchange: Exchange) -> None:
        """Keep a failure unless it is like one that is kept: the same place and sentence but for the values."""
        kept = self._findings.setdefault(rule, {})
        like = (_VALUES.sub("0", breach.where), _VALUES.sub("0", breach.message))
        if like in kept or len(kept) >= MOST_FINDINGS:
            return
        recorded = record(exchange, self._target, self._key)
        message = shortened(redacted(breach.message), _LONGEST_MESSAGE)
        kept[like] = Finding(message, redacted(breach.where), curl(recorded, self._target), recorded)

    def _state(self, exchange: Exchange) -> str:
        """Name the state that the judged body is about; "-" without one."""
        found = self._target.state(exchange)
        return shortened(redacted(found), _LONGEST_STATE) if found.isprintable() else "-"
