"""The public signatures of a generated package from its sources: classes, enumerations, aliases, operations."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from sleeptalk_contract.contract.document import Document, checkout, current_folder
from sleeptalk_contract.contract.usage import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(slots=True)
class MethodSignature:
    """An operation's arguments by name, each with its type and whether it must be given, and what it returns."""

    arguments: dict[str, tuple[str, bool]]
    returns: str


@dataclass(slots=True)
class Signatures:
    """What a program can see of one generated package: types are written as in the source."""

    classes: dict[str, dict[str, str]] = field(default_factory=dict)
    enumerations: dict[str, dict[str, str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    operations: dict[str, MethodSignature] = field(default_factory=dict)


@cache
def signatures(name: str, version: Document) -> Signatures:
    """Return the signatures of the package that a version of the document `name` generates.

    The templates are today's for every version, so that only the documents' changes show, and no override stands in
    the place of a part. Raises UsageError where the document cannot be generated, and outside of a checkout.
    """
    # The generator takes most of a second to import, which --help and usage errors need not wait for.
    from sleeptalk_contract.generation.rendering import package_of, render  # noqa: PLC0415  # slow

    root = checkout(current_folder())
    if root is None:
        raise UsageError("diff works in a checkout of the project, where overrides/templates/ is: run it there.")
    templates = root / "overrides" / "templates"
    document = Document.parse(version.text, version.label, name)
    return signatures_of(render([document], templates), package_of(document))


def signatures_of(files: Mapping[str, str], package: str) -> Signatures:
    """Return the signatures in the texts of a generated tree, by path below it ("asleep/models/stat.py")."""
    found = Signatures()
    for path, text in files.items():
        if path == f"{package}/client.py":
            for statement in ast.parse(text).body:
                if isinstance(statement, ast.ClassDef) and not statement.name.startswith("Async"):
                    _add_methods(found, statement)
        elif path.startswith(f"{package}/models/") and not path.endswith("__init__.py"):
            for statement in ast.parse(text).body:
                _add_model(found, statement)
    return found


def _add_methods(found: Signatures, methods: ast.ClassDef) -> None:
    for statement in methods.body:
        if isinstance(statement, ast.FunctionDef) and not statement.name.startswith("_"):
            found.operations[statement.name] = _operation(statement)


def _add_model(found: Signatures, statement: ast.stmt) -> None:
    if isinstance(statement, ast.ClassDef):
        bases = {ast.unparse(base) for base in statement.bases}
        if any(base.endswith("Enum") for base in bases):
            found.enumerations[statement.name] = {
                target.id: ast.unparse(line.value)
                for line in statement.body
                if isinstance(line, ast.Assign)
                for target in line.targets
                if isinstance(target, ast.Name)
            }
        else:
            found.classes[statement.name] = {
                line.target.id: ast.unparse(line.annotation)
                for line in statement.body
                if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
            }
    elif (
        isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and not statement.target.id.startswith("_")
        and statement.value is not None
    ):
        found.aliases[statement.target.id] = ast.unparse(statement.value)


def _operation(function: ast.FunctionDef) -> MethodSignature:
    listed = function.args
    arguments: dict[str, tuple[str, bool]] = {}
    needed = len(listed.args) - len(listed.defaults)
    for position, argument in enumerate(listed.args):
        if argument.annotation is not None:  # self has none
            arguments[argument.arg] = (_type(argument.annotation), position < needed)
    for argument, default in zip(listed.kwonlyargs, listed.kw_defaults, strict=True):
        if argument.annotation is not None:
            arguments[argument.arg] = (_type(argument.annotation), default is None)
    return MethodSignature(arguments, _type(function.returns) if function.returns is not None else "None")


def _type(annotation: ast.expr) -> str:
    """Write a type with the plain names of classes."""
    return re.sub(r"\bmodels\.", "", ast.unparse(annotation))
