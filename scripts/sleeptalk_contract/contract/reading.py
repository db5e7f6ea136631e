"""How one result of a service is read and shown: what `sleeptalk get` needs to know of a target."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sleeptalk.drawing.picture import Picture


class Kept(Protocol):
    """A result that has a wire form."""

    def to_dict(self) -> dict[str, Any]:
        """Return the body of its answer."""
        ...


@dataclass(frozen=True, slots=True)
class Page:
    """A result in words: what it is, its facts by name, its picture, and why something is missing.

    Texts may hold anything that the service answered: they are escaped where they are printed.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    picture: Picture | None = None
    missing: Sequence[tuple[str, Sequence[str]]] = ()
    """Reasons as sentences, each with the names of what is missing for it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the results of a target are read and shown.

    - `name`: the kind of its results, which the command has behind the target, as in "kettle-user"; empty for the kind
      that is meant by the target alone.
    - `identifier`: what names one, as the command line writes it ("SESSION_ID"); `summary` is a line of help.
    - `names_header`: the header of the credential that the identifier stands in for, None where it stands in for none.
    - `address`: where it is read by default, None without a default; `variable` is where the address comes from else.
    - `options`: further options with their help. Their values are keywords of `read`, as Python writes them.
    - `read(identifier, url=, credentials=, timeout=)`: reads one; raises SleeptalkError.
    - `page`: a result in words. `rows`: the same as a table, each with the keys `columns`.
    - `svg(result, theme=, width=)`: its picture, None without pictures.
    """

    identifier: str
    summary: str
    read: Callable[..., Kept] = field(repr=False)
    page: Callable[[Any], Page] = field(repr=False)
    rows: Callable[[Any], Sequence[Mapping[str, object]]] = field(repr=False)
    columns: tuple[str, ...]
    svg: Callable[..., str] | None = field(default=None, repr=False)
    name: str = ""
    names_header: str | None = None
    address: str | None = None
    variable: str | None = None
    options: tuple[tuple[str, str], ...] = ()
