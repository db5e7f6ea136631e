"""What the templates print: plain values, made from what the generator's parser found.

Templates see these classes only, so that they stay short and the parser's own classes stay in this folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sleeptalk_contract.generation.annotations import Annotation, Unsupported, annotation

if TYPE_CHECKING:
    from openapi_python_client.parser.properties.protocol import PropertyProtocol
    from openapi_python_client.schema.untrusted_string import UntrustedString

    from sleeptalk_contract.generation.source import Source


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of a class: its name on the wire and in Python, which are the same."""

    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Model:
    """One module of `models/`: a class, an enumeration, or an alias (`alias` is its type) for a union or a mapping.

    `members` are the names and values of an enumeration. `imports` are the import statements.
    """

    name: str
    module: str
    template: str
    description: str
    imports: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    members: tuple[tuple[str, str | int], ...] = ()
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of an operation. `wire` is its name on the wire, `place` is "path" or "header"."""

    name: str
    wire: str
    place: str
    type: str
    required: bool
    description: str
    pattern: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `bodies` are the statuses and the class of each one's body, `imports` the import statements."""

    name: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    bodies: tuple[tuple[int, str], ...]
    imports: tuple[str, ...]

    @property
    def path_parts(self) -> list[tuple[str, Parameter | None]]:
        """The path cut at its parameters: pairs of text and the parameter that follows it, None at the end."""
        by_wire = {parameter.wire: parameter for parameter in self.parameters if parameter.place == "path"}
        cut = re.split(r"\{([^{}]+)\}", self.path)
        return [(text, by_wire.get(name)) for text, name in zip(cut[::2], [*cut[1::2], ""], strict=True)]


def text_of(value: UntrustedString | None) -> str:
    """Give a text of the document, empty where there is none; it may hold anything, so templates filter it."""
    return "" if value is None else value.get_untrusted_value()


def type_of(source: Source, pointer: str, prop: PropertyProtocol) -> Annotation:
    """Give the type of a property; UsageError, with line and pointer, where there is none."""
    try:
        return annotation(prop)
    except Unsupported as error:
        raise source.refusal(pointer, f"this type is not supported: {error}.") from error
