"""Check whether a run can be made at all, before it begins."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.service import Target
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.fuzzing.probe import Probe
from sleeptalk_contract.judging.http import KEY_REFUSALS

_NOT_FOUND: Final = 404
_CLIENT_ERRORS: Final = range(400, 500)


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


def check_known_ids(
    send: Callable[[Probe], Exchange | None],
    target: Target,
    credentials: Mapping[str, str],
    known_ids: Sequence[str],
) -> None:
    """Request each id that the user calls known once; `send` sends it and judges the answer, as any other.

    Raises UsageError where the answer says that credentials or the id are not right. An answer 5xx, a wrong body and no
    answer at all are not such a sign: they are for the rules to judge.
    """
    known = target.known_ids
    if known is None:
        return
    for identifier in known_ids:
        exchange = send(Probe("known-id", known.operation, {known.parameter: identifier}, headers=credentials))
        if exchange is not None and exchange.status is not None and exchange.status in _CLIENT_ERRORS:
            _refuse(exchange.status, f"{known.option} {identifier}", target, credentials)


def check_key(send: Callable[[Probe], Exchange | None], target: Target, honest_probes: Sequence[Probe]) -> None:
    """Send a few requests that every implementation accepts. Raises UsageError where each is refused for its key."""
    refuse_key([exchange.status for exchange in map(send, honest_probes) if exchange is not None], target)


def refuse_key(statuses: Sequence[int | None], target: Target) -> None:
    """Raise UsageError where an implementation answered each of some honest requests that it refuses their key."""
    if statuses and set(statuses) <= KEY_REFUSALS and target.key is not None:
        who = "receiver" if target.has("receiver") else "implementation"
        what = "callbacks" if target.has("receiver") else "requests"
        raise UsageError(
            f"The {who} answers {statuses[0]} to honest {what} with the key of {target.key.option}:"
            " give the key that it expects."
        )


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
