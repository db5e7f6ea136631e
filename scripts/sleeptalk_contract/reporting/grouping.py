"""One cause is said once: the breaches of one rule in one exchange that say the same of several fields."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sleeptalk_contract.contract.exchange import Breach
from sleeptalk_contract.contract.usage import listed

MOST_NAMED: Final = 3
"""Fields that one sentence names."""

_MOST_PLACES: Final = 100
_VALUES: Final = re.compile(r"'[^']*'|\"[^\"]*\"|\d+")
_LACKS: Final = "lacks "
_PLURALS: Final = {"is": "are", "has": "have", "ends": "end", "lacks": "lack", "does": "do", "was": "were"}


@dataclass(frozen=True, slots=True)
class Group:
    """Breaches of one rule in one exchange that say the same.

    `like` is equal for groups of several exchanges that say the same; `places` are where it is so, at most 100, in
    their order; `message` is what is said and follows the first of them; `sentence` says it of all.
    """

    rule: str
    like: str
    places: tuple[str, ...]
    message: str
    sentence: str


def grouped(breaches: Iterable[Breach]) -> list[Group]:
    """Return the groups of some breaches, in the order of the first breach of each."""
    found: dict[tuple[str, str], list[Breach]] = {}
    for breach in breaches:
        found.setdefault((breach.rule, _like(breach)), []).append(breach)
    return [_group(rule, like, members) for (rule, like), members in found.items()]


def _like(breach: Breach) -> str:
    if breach.words.startswith(_LACKS):
        return f"{_without_values(breach.location)} lacks"  # several keys of one object are one cause
    return breach.words or f"{_without_values(breach.location)} {_without_values(breach.message)}"


def _without_values(text: str) -> str:
    return _VALUES.sub("0", text)


def _group(rule: str, like: str, members: Sequence[Breach]) -> Group:
    first = members[0]
    places = tuple(dict.fromkeys(member.location for member in members))[:_MOST_PLACES]
    if first.words.startswith(_LACKS):
        names = list(dict.fromkeys(member.words.removeprefix(_LACKS) for member in members))
        message = f"{_LACKS}{_listed(names)}"
        return Group(rule, like, places, message, following(first.location, message))
    return Group(rule, like, places, first.message, _of_all(first, places))


def _of_all(first: Breach, places: Sequence[str]) -> str:
    if len(places) == 1:
        return following(first.location, first.message)
    common, names = _names(places)
    within = f"In {common}: " if common else ""
    if not first.words:
        return f"{within}{names[0]} {first.message}; likewise {_listed(names[1:])}"
    value = first.message.removeprefix(first.words).strip().removeprefix("(it ").removesuffix(")")
    example = f" ({names[0]} {value})" if value else ""
    return f"{within}{_listed(names)} {_in_plural(first.words)}{example}"


def following(location: str, message: str) -> str:
    """Return a message behind its place; one about the exchange as a whole is about the body where it names nothing."""
    if location:
        return f"{location} {message}"
    verb = message.partition(" ")[0]
    return f"the body {message}" if verb in {*_PLURALS, "must"} else message


def _names(places: Sequence[str]) -> tuple[str, list[str]]:
    """Return the pointer that all places begin with, and the rest of each."""
    parts = [place.split("/") for place in places]
    shared = 0
    while all(len(each) > shared + 1 for each in parts) and len({each[shared] for each in parts}) == 1:
        shared += 1
    common = "/".join(parts[0][:shared])
    return common, ["/".join(each[shared:]) for each in parts] if common else list(places)


def _listed(names: Sequence[str]) -> str:
    if len(names) > MOST_NAMED:
        return f"{', '.join(names[: MOST_NAMED - 1])} and {len(names) - MOST_NAMED + 1} more"
    return listed(names, "and")


def _in_plural(words: str) -> str:
    verb, space, rest = words.partition(" ")
    return f"{_PLURALS.get(verb, verb)}{space}{rest}"
