"""Reads the public signatures of a generated package from its sources: classes, enumerations, aliases, operations."""

from __future__ import annotations

import ast
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sleeptalk_contract.commands.generate import checkout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sleeptalk_contract.contract.document import Document

_CLIENT = "client"


@dataclass(slots=True)
class Operation:
    """An operation's arguments by name, each with its type and whether it must be given, and what it returns."""

    arguments: dict[str, tuple[str, bool]]
    returns: str


@dataclass(slots=True)
class Signatures:
    """What a program can see of one generated package: types are written as in the source."""

    classes: dict[str, dict[str, str]] = field(default_factory=dict)
    enumerations: dict[str, dict[str, str]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)


@cache
def signatures(name: str, version: Document) -> Signatures:
    """Generate the package of document `name` in memory and read its signatures.

    The templates are today's for every version, so that only the documents' changes show. Raises UsageError where
    the document cannot be generated, and outside of a checkout.
    """
    # The generator takes most of a second to import, which --help and wrong use need not wait for.
    from sleeptalk_contract.generation.rendering import Service, render  # noqa: PLC0415
    from sleeptalk_contract.generation.source import read  # noqa: PLC0415

    templates = checkout(Path(__file__).parent) / "overrides" / "templates"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.yaml"
        file.write_text(version.text, encoding="utf-8")
        service = Service(name, read(file, version.label))
        return signatures_of(render([service], templates), name)


def signatures_of(files: Mapping[str, str], package: str) -> Signatures:
    """Read the signatures from the texts of a generated tree, by path below it ("asleep/models/stat.py")."""
    found = Signatures()
    for path, text in files.items():
        folder, _, module = path.rpartition("/")
        if module in ("", "__init__.py") or not path.endswith(".py"):
            continue
        if folder == f"{package}/models":
            for statement in ast.parse(text).body:
                _add_model(found, statement)
        elif folder == f"{package}/api":
            for statement in ast.parse(text).body:
                if isinstance(statement, ast.FunctionDef) and statement.name == "call":
                    found.operations[module.removesuffix(".py")] = _operation(statement)
    return found


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
        isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value is not None
    ):
        found.aliases[statement.target.id] = ast.unparse(statement.value)


def _operation(function: ast.FunctionDef) -> Operation:
    arguments: dict[str, tuple[str, bool]] = {}
    for argument in function.args.args:
        if argument.arg != _CLIENT and argument.annotation is not None:
            arguments[argument.arg] = (ast.unparse(argument.annotation), True)
    for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if argument.annotation is not None:
            arguments[argument.arg] = (ast.unparse(argument.annotation), default is None)
    return Operation(arguments, ast.unparse(function.returns) if function.returns is not None else "None")
