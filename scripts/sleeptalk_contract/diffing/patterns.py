"""Tell whether two regular expressions of ECMA-262 match the same strings, by walking their automata side by side."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Final

Ranges = tuple[tuple[int, int], ...]  # code points, both ends included

_LAST: Final = 0x10FFFF
_ALL: Final[Ranges] = ((0, _LAST),)
_DIGITS: Final[Ranges] = ((48, 57),)
_WORDS: Final[Ranges] = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACES: Final[Ranges] = (
    (9, 13),
    *((code, code) for code in (0x20, 0xA0, 0x1680)),
    (0x2000, 0x200A),
    (0x2028, 0x2029),
    *((code, code) for code in (0x202F, 0x205F, 0x3000, 0xFEFF)),
)
_LINE_ENDS: Final[Ranges] = ((10, 10), (13, 13), (0x2028, 0x2029))
_CLASSES: Final = {"d": _DIGITS, "w": _WORDS, "s": _SPACES}
_CONTROLS: Final = {"n": 10, "t": 9, "r": 13, "f": 12, "v": 11, "0": 0}
_COUNT: Final = re.compile(r"\{(\d+)(,?)(\d*)\}")
_MOST: Final = 500  # states of an automaton, and pairs of sets of states: what takes more is not compared


class _UnknownError(Exception):
    """A pattern uses what is not understood here, such as lookaround, or is too large."""


@dataclass(frozen=True, slots=True)
class _Repeat:
    part: _Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class _Choice:
    branches: tuple[tuple[_Node, ...], ...]


_Node = Ranges | _Repeat | _Choice | str  # the strings are the anchors "^" and "$"


def same_pattern(one: str, other: str) -> bool:
    """Return whether two patterns match the same strings; False also where that cannot be told."""
    if one == other:
        return True
    try:
        first, second = _automaton(one), _automaton(other)
        return _agree(first, second)
    except (_UnknownError, RecursionError):
        return False


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def whole(self) -> _Choice:
        found = self._choice()
        if self._at < len(self._text):
            raise _UnknownError
        return found

    def _choice(self) -> _Choice:
        branches = [self._sequence()]
        while self._took("|"):
            branches.append(self._sequence())
        return _Choice(tuple(branches))

    def _sequence(self) -> tuple[_Node, ...]:
        nodes: list[_Node] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            nodes.append(self._counted(self._atom()))
        return tuple(nodes)

    def _counted(self, node: _Node) -> _Node:
        counted = _COUNT.match(self._text, self._at)
        if counted is not None:
            self._at = counted.end()
            least = int(counted[1])
            most = (int(counted[3]) if counted[3] else None) if counted[2] else least
        elif self._took("*"):
            least, most = 0, None
        elif self._took("+"):
            least, most = 1, None
        elif self._took("?"):
            least, most = 0, 1
        else:
            return node
        self._took("?")  # a lazy count matches the same strings
        if isinstance(node, str) or (most is not None and most < least) or least + (most or 0) > _MOST:
            raise _UnknownError
        return _Repeat(node, least, most)

    def _atom(self) -> _Node:
        character = self._next()
        match character:
            case "^" | "$":
                return character
            case ".":
                return _negated(_LINE_ENDS)
            case "[":
                return self._set()
            case "(":
                if self._took("?") and not self._took(":"):
                    raise _UnknownError
                found = self._choice()
                if not self._took(")"):
                    raise _UnknownError
                return found
            case "\\":
                return self._escape()
            case "*" | "+" | "?" | "{" | "}" | "]":
                raise _UnknownError
        return ((ord(character), ord(character)),)

    def _set(self) -> Ranges:
        negated = self._took("^")
        ranges: list[tuple[int, int]] = []
        while not self._took("]"):
            low = self._member()
            if self._text.startswith("-", self._at) and not self._text.startswith("-]", self._at):
                self._at += 1
                high = self._member()
                if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or low[0][0] > high[0][1]:
                    raise _UnknownError
                ranges.append((low[0][0], high[0][1]))
            else:
                ranges += low
        return _negated(tuple(ranges)) if negated else tuple(ranges)

    def _member(self) -> Ranges:
        if self._took("\\b"):
            return ((8, 8),)
        character = self._next()
        return self._escape() if character == "\\" else ((ord(character), ord(character)),)

    def _escape(self) -> Ranges:
        letter = self._next()
        if letter.lower() in _CLASSES:
            found = _CLASSES[letter.lower()]
            return found if letter.islower() else _negated(found)
        if letter in "xu":
            digits = self._text[self._at : self._at + (2 if letter == "x" else 4)]
            if not re.fullmatch("[0-9A-Fa-f]{2}|[0-9A-Fa-f]{4}", digits):
                raise _UnknownError
            self._at += len(digits)
            code = int(digits, 16)
        elif letter in _CONTROLS:
            code = _CONTROLS[letter]
        elif letter.isalnum():
            raise _UnknownError
        else:
            code = ord(letter)
        return ((code, code),)

    def _next(self) -> str:
        if self._at >= len(self._text):
            raise _UnknownError
        self._at += 1
        return self._text[self._at - 1]

    def _took(self, expected: str) -> bool:
        took = self._text.startswith(expected, self._at)
        self._at += len(expected) * took
        return took


def _negated(ranges: Ranges) -> Ranges:
    found, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return (*found, (start, _LAST)) if start <= _LAST else tuple(found)


@dataclass(slots=True)
class _Automaton:
    """An automaton without a determined next state: `moves` of each state by ranges, and `free` moves; 0 accepts."""

    moves: list[tuple[Ranges, int]] = field(default_factory=list)
    free: list[list[int]] = field(default_factory=list)
    start: int = 0

    def add(self, ranges: Ranges, after: int, free: list[int]) -> int:
        if len(self.moves) >= _MOST:
            raise _UnknownError
        self.moves.append((ranges, after))
        self.free.append(free)
        return len(self.moves) - 1

    def before(self, node: _Node, after: int) -> int:
        """Add the states that read `node` and go on to the state `after`, and return the first."""
        match node:
            case str():
                raise _UnknownError  # an anchor inside a pattern
            case _Choice():
                return self.add((), 0, [self.sequence(branch, after) for branch in node.branches])
            case _Repeat():
                if node.most is None:
                    loop = self.add((), 0, [after])
                    self.free[loop].append(self.before(node.part, loop))
                    start = loop
                else:
                    start = after
                    for _ in range(node.most - node.least):
                        start = self.add((), 0, [after, self.before(node.part, start)])
                for _ in range(node.least):
                    start = self.before(node.part, start)
                return start
        return self.add(node, after, [])

    def sequence(self, nodes: tuple[_Node, ...], after: int) -> int:
        for node in reversed(nodes):
            after = self.before(node, after)
        return after

    def closed(self, states: set[int]) -> frozenset[int]:
        """Return the states with all that free moves lead to."""
        open_states = list(states)
        while open_states:
            come = set(self.free[open_states.pop()]) - states
            states |= come
            open_states += come
        return frozenset(states)

    def step(self, states: frozenset[int], code: int) -> frozenset[int]:
        """Return the states after the character `code`."""
        after = {self.moves[state][1] for state in states if any(a <= code <= b for a, b in self.moves[state][0])}
        return self.closed(after)


@cache
def _automaton(pattern: str) -> _Automaton:
    made = _Automaton()
    accept = made.add((), 0, [])
    starts = []
    for branch in _Parser(pattern).whole().branches:
        begins, ends = branch[:1] == ("^",), branch[-1:] == ("$",)
        anything = _Repeat(_ALL, 0, None)
        inner = branch[begins : len(branch) - ends]
        starts.append(made.sequence((*[anything] * (not begins), *inner, *[anything] * (not ends)), accept))
    made.start = made.add((), 0, starts)
    return made


def _agree(one: _Automaton, other: _Automaton) -> bool:
    """Return whether both accept the same strings: no string leads only one of them to its end."""
    edges = {0, _LAST + 1}
    for ranges, _ in (*one.moves, *other.moves):
        edges.update(edge for low, high in ranges for edge in (low, high + 1))
    codes = [low for low, _ in pairwise(sorted(edges))]
    met = {(one.closed({one.start}), other.closed({other.start}))}
    open_pairs = list(met)
    while open_pairs:
        first, second = open_pairs.pop()
        if (0 in first) != (0 in second):
            return False
        come = {(one.step(first, code), other.step(second, code)) for code in codes} - met
        met |= come
        open_pairs += come
        if len(met) > _MOST:
            raise _UnknownError
    return True
