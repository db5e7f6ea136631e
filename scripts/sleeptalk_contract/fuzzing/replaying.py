"""A failing exchange of a report, read from its case and sent again."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from sleeptalk_contract.contract.access import Access
from sleeptalk_contract.contract.address import host_and_port
from sleeptalk_contract.contract.bounded import RefusedError
from sleeptalk_contract.contract.exchange import NOT_JSON, read_json
from sleeptalk_contract.contract.keys import KEY_KINDS, key_of_kind
from sleeptalk_contract.contract.operation import Operation
from sleeptalk_contract.contract.redaction import REPLACEMENT
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.probe import AT_ONCE, Probe, Step, at_once
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.fuzzing.sparing import Spared
from sleeptalk_contract.judging.undocumented import without_undocumented_fields
from sleeptalk_contract.reporting.cases import body_bytes, read_case_file
from sleeptalk_contract.reporting.model import BEYOND, Finding, Report
from sleeptalk_contract.sandbox.answers import encode

MOST_SENT: Final = 2
"""A rule may be broken only from the second time on."""

_MOST_RACES: Final = 5
"""What arrives at the same time is not always handled so."""

_TOO_MANY: Final = 429


class DeliveryError(UsageError):
    """A case that is not sent again: only its sender can, it was too long to be kept, or it writes."""


@dataclass(frozen=True, slots=True)
class FailingCase:
    """A failing exchange as a report keeps it: the rule that it broke ("beyond" for none), and the request."""

    rule: str
    target: Target
    operation: Operation
    base_url: str
    path_parameters: Mapping[str, str]
    intent: str
    method: str
    url: str
    key_kind: str
    status: object
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    known_ids: tuple[str, ...]
    added: tuple[str, ...] = ()

    @property
    def tried_ids(self) -> tuple[str, ...]:
        """The ids of a request that was throttled: whether that is all they show, their answer is to say again."""
        return tuple(self.path_parameters.values()) if self.status == _TOO_MANY else ()

    def check_added(self, access: Access) -> None:
        """Raise UsageError where the user added a header to the request, and now does not."""
        for name in self.added:
            if name not in access.header_names:
                raise UsageError(f"The request was sent with the header {name} of -H: pass it again, or a --url.")

    def check_writes(self, *, allowed: bool) -> None:
        """Raise DeliveryError where the request may create, change or delete something, and that is not allowed."""
        if Spared((), allow_writes=allowed).forbids(self.operation, self.method):
            raise DeliveryError(
                f"The case of {self.rule} may create, change or delete something ({self.method}): it is sent only with"
                " --allow-writes."
            )

    def check_host(self, plan: Plan) -> None:
        """Raise UsageError where the address of the case, which may come from anyone, would be sent secrets.

        This machine may be sent them, and so may the address that the user names.
        """
        access = plan.access
        secrets = plan.key is not None or access.headers or access.shows_certificate
        if secrets and not _is_here(plan.url):
            raise UsageError(
                f"The case names {origin(plan.url)}, which is not this machine: a key is sent there only where --url"
                f" says so, as in --url {origin(plan.url)}."
            )

    def steps(self, key: str | None) -> Sequence[Step]:
        """Return what to send, one step after the other until its rule is broken.

        A step is the failing request, with those that its rule compares it with, if any. Raises UsageError without the
        right key.
        """
        return [self._step(key) for _ in range(_MOST_RACES if self.intent == AT_ONCE else MOST_SENT)]

    def _step(self, key: str | None) -> Step:
        headers = dict(self.headers)
        sent_key = self._key(key)
        if sent_key is not None and self.target.key is not None:
            headers[self.target.key.header] = sent_key
        query = dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True)) if self.path_parameters else {}
        query = {name: self._right(key) if value == REPLACEMENT else value for name, value in query.items()}
        probe = Probe(
            self.intent,
            self.operation.id,
            self.path_parameters,
            self.method,
            query=query,
            headers=headers,
            body=self.body,
        )
        before = None if self.rule == BEYOND else self.target.rules[self.rule].sent_after
        # An implementation may remember what the case was made with: then every one of these would be a repeat.
        if self.intent == AT_ONCE:
            return at_once(self._renewed(probe))
        if before == "itself":
            return (self._renewed(probe),) * 2
        value = read_json(self.body)
        if before == "plain-body" and value is not NOT_JSON:
            return (replace(probe, body=encode(without_undocumented_fields(self.operation, value))), probe)
        return (probe,)

    def _renewed(self, probe: Probe) -> Probe:
        return probe if self.body is None else replace(probe, body=self.target.renewed(self.body))

    def _key(self, key: str | None) -> str | None:
        """Return the key that was sent, made from the right one."""
        if self.key_kind == "missing":
            return None
        return key_of_kind(self.key_kind, self._right(key))

    def _right(self, key: str | None) -> str:
        """Return the right key. Raises UsageError where it was not given."""
        if key is not None:
            return key
        needed = self.target.key
        options = "--api-key" if needed is None else f"{needed.option} or {needed.variable}"
        raise UsageError(f"The request was sent with a key: pass the right one with {options}.")


def origin(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _is_here(url: str) -> bool:
    """Whether an address is of this machine for certain: other names may lead anywhere."""
    host, _ = host_and_port(url)
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_case(path: Path, targets: Sequence[Target]) -> FailingCase:
    """Read a case file of some targets.

    Raises UsageError where it is not one, and DeliveryError where only a sender can send it.
    """
    try:
        value = read_case_file(path)
    except OSError as error:
        raise UsageError(f"The case {path} cannot be read ({error.strerror}).") from error
    except RefusedError as error:
        raise UsageError(f"{path} is not a case of a report: it {error}.") from error
    try:
        return _case(value, path, targets)
    except (LookupError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise UsageError(f"{path} is not a case of a report: take one of the files in its cases/ folder.") from error


def _case(value: Any, path: Path, targets: Sequence[Target]) -> FailingCase:
    exchange, rule = value["exchange"], value["rule"]
    target = next(each for each in targets if each.name == exchange["target"])
    if rule not in {*target.rules, BEYOND}:
        raise ValueError("another catalogue, or the rule of another target")
    if rule in {each.id for each in target.rules_about("sender")}:
        raise DeliveryError(
            f"{path} is a delivery, which only its sender can send again: judge it with `sleeptalk listen`."
        )
    if "cut" in exchange:
        raise DeliveryError(f"{path} cannot be sent again: of its {exchange['cut']} bytes only a part was kept.")
    if exchange["key"] not in KEY_KINDS:
        raise ValueError("not a kind of key")
    operation, base_url, path_parameters = _asked(target, exchange)
    return FailingCase(
        rule=rule,
        target=target,
        operation=operation,
        base_url=base_url,
        path_parameters=path_parameters,
        intent=exchange["intent"],
        method=exchange["method"],
        url=exchange["url"],
        key_kind=exchange["key"],
        status=exchange["status"],
        headers=exchange["headers"],
        body=body_bytes(exchange["body"]),
        known_ids=tuple(value["known_ids"]),
        added=tuple(exchange.get("added", [])),
    )


def _asked(target: Target, exchange: Mapping[str, Any]) -> tuple[Operation, str, Mapping[str, str]]:
    """Return the operation of an exchange, the address that its path was added to, and its path parameters.

    Earlier versions did not write the operation: it is the one that fits the address. Raises ValueError without one.
    """
    named = exchange.get("operation")
    operations = [each for each in target.operations if named in {None, each.id}]
    try:
        parts = urlsplit(exchange["url"])
    except ValueError:  # the error is raised where the address is used
        return operations[0], exchange["url"], {}
    for operation in sorted(operations, key=lambda each: each.method != exchange["method"]):
        if operation.is_webhook:
            return operation, exchange["url"], {}
        located = operation.locate(parts.path, "surrogateescape")
        if located is not None:
            base, path_parameters = located
            return operation, f"{parts.scheme}://{parts.netloc}{base}", path_parameters
    raise ValueError("not a request of the contract")


class _NoProgress:
    """Shows no progress: the run is over at once."""

    def phase(self, name: str) -> None:
        """Ignore that a phase begins."""

    def exchanged(self, requests: int, broken: int) -> None:
        """Ignore that another exchange was judged."""

    def paused(self, seconds: float) -> None:
        """Ignore a pause."""


def sent(plan: Plan, rule: str, steps: Sequence[Step]) -> Report:
    """Send the steps of a case until one breaks its rule, and return what was found."""
    with Run(plan, Control(), _NoProgress()) as run:
        for step in steps:
            run.send(step)
            if findings_of(run.report(), rule):
                break
        return run.report()


def findings_of(report: Report, rule: str) -> Sequence[Finding]:
    """Return what a report has about a rule; about what is beyond the rules for BEYOND."""
    if rule == BEYOND:
        return report.beyond
    return next(result.findings for result in report.rules if result.rule.id == rule)
