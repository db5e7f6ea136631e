"""Particular requests, which rules of kind `exchange` need, as values."""

import itertools
import string
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sleeptalk_contract.contract.exchange import Exchange
from sleeptalk_contract.contract.keys import spoiled_keys
from sleeptalk_contract.contract.operation import Operation


@dataclass(frozen=True, slots=True)
class Probe:
    """One particular request of an operation, by its operationId.

    Values of `path_parameters` are percent-encoded when they are sent. `query` has its values as they are. `headers`
    are all that is sent beside what HTTP itself needs. `body` is sent as it is. `method` is by default the operation's.
    `pause` is how many seconds a conversation waits before it is sent: for what moves on with time.
    """

    intent: str
    operation: str
    path_parameters: Mapping[str, str] = field(default_factory=dict)
    method: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    pause: float = 0.0


_OTHER_METHODS: Final = ("POST", "PUT", "PATCH", "DELETE")
_SAFE_METHODS: Final = ("HEAD", "OPTIONS")

OTHER_METHOD: Final = "other-method"
"""The intent of probes with another method than their operation has."""

MOST_AT_ONCE: Final = 4
"""How many requests are under way at the same time where a rule asks for that."""

AT_ONCE: Final = "at-once"
"""The intent of probes that are sent at the same time as others."""

Conversation = Generator[Probe, Exchange | None, None]
"""Probes that depend on answers: it yields the next one, and is sent its exchange, None where there was none."""

Step = Sequence[Probe] | Callable[[], Conversation]
"""Probes that belong together and are sent in order by the same shard; those with the intent AT_ONCE, all at once.

Where one depends on the answer to another, a step is a function that begins a conversation.
"""


def planned(step: Step) -> Sequence[Probe]:
    """Return the probes of a step that are known before one is answered: of a conversation the first."""
    return list(itertools.islice(step(), 1)) if callable(step) else step


def without(headers: Mapping[str, str], name: str) -> dict[str, str]:
    """Return `headers` without one."""
    return {key: value for key, value in headers.items() if key != name}


def with_spoiled_keys(probe: Probe, header: str, key: str) -> Iterator[Probe]:
    """Yield `probe` once for each spoiled form of the right key, which is sent in `header`."""
    for kind, value in spoiled_keys(key):
        headers = without(probe.headers, header)
        if value is not None:
            headers[header] = value
        yield replace(probe, intent=f"{kind}-api-key", headers=headers)


def with_key_in_query(probe: Probe, header: str, key: str) -> Probe:
    """Return `probe` with the right key in its query, under names that servers read it from, and not in `header`."""
    names = (header, header.replace("-", "_"), "api_key", "apikey", "key")
    return replace(
        probe, intent="key-in-query", headers=without(probe.headers, header), query=dict.fromkeys(names, key)
    )


def another_user(user: str) -> str:
    """Return a user id of the same form as a given one: its last character is another digit or letter."""
    alphabets = (string.digits, string.ascii_uppercase, string.ascii_lowercase)
    alphabet = next((each for each in alphabets if user[-1:] in each), string.ascii_lowercase)
    return user[:-1] + alphabet[(alphabet.find(user[-1:]) + 1) % len(alphabet)]


def at_once(probe: Probe) -> Step:
    """Return a step of copies of `probe` that are sent at the same time."""
    return [replace(probe, intent=AT_ONCE)] * MOST_AT_ONCE


def safe_methods(probe: Probe) -> Iterator[Probe]:
    """Yield `probe` with the methods that every server has to do with, and that change nothing: HEAD and OPTIONS."""
    return (replace(probe, intent=OTHER_METHOD, method=method) for method in _SAFE_METHODS)


def other_methods(operation: Operation) -> Iterator[str]:
    """Yield the methods that change things and are not documented at the path of an operation: they are refused.

    Never send them with an id that may exist: an implementation may have more methods than the contract.
    """
    return (method for method in _OTHER_METHODS if operation.at_its_path(method) is None)


def singles(probes: Iterator[Probe]) -> Iterator[Step]:
    """Return a step for each probe."""
    return ((probe,) for probe in probes)


def together(*parts: Iterator[Step]) -> Iterator[Step]:
    """Return the steps of several parts one after another."""
    return itertools.chain.from_iterable(parts)
