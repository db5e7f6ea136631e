"""Check whether a run can be made at all, before it begins."""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sleeptalk_contract.contract.exchange import Exchange, Knowledge
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.probe import Probe, planned, with_spoiled_keys
from sleeptalk_contract.fuzzing.refusals import fingerprint
from sleeptalk_contract.judging.http import KEY_REFUSALS

_UNAUTHORIZED: Final = 401
_NOT_FOUND: Final = 404
_CLIENT_ERRORS: Final = range(400, 500)
_FEW: Final = 3

Send = Callable[[Probe], Exchange | None]
"""Sends a request; None where it shows nothing."""


def check_ids(target: Target, known_ids: Sequence[str]) -> None:
    """Raise UsageError when an id that is passed as known cannot exist by the contract."""
    known = target.known_ids
    if known is None:
        return
    operation = target.operation(known.operation)
    schema = next(each.schema for each in operation.parameters if each.name == known.parameter)
    pattern = re.compile(operation.document.resolved(schema).get("pattern", ".*"), re.DOTALL)
    for identifier in known_ids:
        if not pattern.fullmatch(identifier):
            raise UsageError(
                f"{known.option} {identifier!r} cannot be known to the implementation: an id is {known.form}."
            )


def check_known_ids(send: Send, target: Target, credentials: Mapping[str, str], known_ids: Sequence[str]) -> None:
    """Request each id that the user calls known once; `send` sends it and judges the answer, as any other.

    Raises UsageError where the answer says that credentials or the id are not right. An answer 5xx, a wrong body and no
    answer at all are not such a sign: they are for the rules to judge.
    """
    known = target.known_ids
    if known is None:
        return
    for identifier in known_ids:
        probe = Probe("known-id", known.operation, {known.parameter: identifier}, headers=credentials)
        exchange = send(probe)
        if exchange is not None and exchange.status is not None and exchange.status in _CLIENT_ERRORS:
            what = f"{known.option} {identifier}"
            if exchange.status in KEY_REFUSALS:
                _refuse_unless_about_the_key(send, probe, exchange, what, target)
            _refuse(exchange.status, what, target, credentials)


def check_key(send: Send, target: Target, knowledge: Knowledge) -> None:
    """Send a few requests that every implementation accepts. Raises UsageError where each is refused for its key.

    Where a target has none, any that carry all credentials do, as long as no id is known: a refusal of the key comes
    before any other.
    """
    probes = target.honest_probes(knowledge)
    has_key = target.key is None or target.key.header in knowledge.credentials
    if not probes and not knowledge.known_ids and has_key:
        probes = _complete(target, knowledge)
    exchanges = [(probe, send(probe)) for probe in probes]
    answered = [(probe, exchange) for probe, exchange in exchanges if exchange is not None]
    statuses = [exchange.status for _, exchange in answered]
    if statuses and set(statuses) <= KEY_REFUSALS:
        probe, exchange = answered[0]
        _refuse_unless_about_the_key(send, probe, exchange, _honest(target), target)
    refuse_key(statuses, target)


def refuse_key(statuses: Sequence[int | None], target: Target) -> None:
    """Raise UsageError where an implementation answered each of some honest requests that it refuses their key."""
    if statuses and set(statuses) <= KEY_REFUSALS:
        key = target.key
        how = "" if key is None else f" with the key of {key.option}"
        advice = "pass what it asks for with -H" if key is None else "give the key that it expects"
        raise UsageError(f"The {_who(target)} answers {statuses[0]} to {_honest(target)}{how}: {advice}.")


def _complete(target: Target, knowledge: Knowledge) -> Sequence[Probe]:
    """Return the first probes of a target, each for another reason, that carry every credential."""
    found: dict[str, Probe] = {}
    for probe in itertools.chain.from_iterable(map(planned, target.probes(knowledge, ()))):
        if probe.method is None and knowledge.credentials.items() <= probe.headers.items():
            found.setdefault(probe.intent, probe)
    return list(found.values())[:_FEW]


def _refuse_unless_about_the_key(send: Send, probe: Probe, exchange: Exchange, what: str, target: Target) -> None:
    """Raise UsageError for a 403 that is not about the key: a wrong key is answered otherwise."""
    key = target.key
    given = None if key is None else probe.headers.get(key.header)
    if exchange.status == _UNAUTHORIZED or key is None or given is None:
        return
    wrong = next(each for each in with_spoiled_keys(probe, key.header, given) if each.intent == "wrong-api-key")
    other = send(wrong)
    if other is None or other.status is None or fingerprint(other) == fingerprint(exchange):
        return
    raise UsageError(
        f"The {_who(target)} answers {exchange.status} for {what} and something else ({other.status}) to a wrong key:"
        " it knows the key, and refuses it for a limit, a plan or a quota. Try again where none stands in the way."
    )


def _who(target: Target) -> str:
    return "receiver" if target.has("receiver") else "implementation"


def _honest(target: Target) -> str:
    return "honest callbacks" if target.has("receiver") else "honest requests"


def _refuse(status: int, what: str, target: Target, credentials: Mapping[str, str]) -> None:
    """Raise UsageError for a refused id where the status shows what is wrong."""
    key = target.key
    if status in KEY_REFUSALS:
        sent = "a request without a key"
        if key is not None:
            sent = f"the key of {key.option}" if key.header in credentials else f"{sent} (give {key.option})"
        raise UsageError(f"The implementation answers {status} for {what}: it refuses {sent}.")
    others = [each for each in target.credentials if not each.secret]
    if status == _NOT_FOUND:
        given = [f" for {each.option} {credentials[each.header]}" for each in others if each.header in credentials]
        raise UsageError(f"The implementation answers 404 for {what}: it knows no such id{''.join(given)}.")
    missing = [each.option for each in others if each.header not in credentials]
    if missing:
        raise UsageError(f"The implementation answers {status} for {what} without {missing[0]}: give it.")
