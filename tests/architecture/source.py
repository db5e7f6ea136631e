"""The project's own modules as syntax trees: what they import, and the strings in them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOOLS = "sleeptalk_contract"
_PLACES = {TOOLS: ROOT / "scripts", "sleeptalk": ROOT / "overrides", "sleeptalk_generated": ROOT / "generated"}


@cache
def modules() -> dict[str, Path]:
    """The path of every module of the three packages, by its dotted name."""
    found = {}
    for package, place in _PLACES.items():
        for path in sorted((place / package).rglob("*.py")):
            parts = path.relative_to(place).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def imports(module: str, *, at_run_time: bool = False) -> set[str]:
    """The modules of this project that a module imports; `at_run_time` leaves those for the type checker out."""
    skipped = set()
    if at_run_time:
        for node in ast.walk(tree(module)):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                skipped |= {id(inner) for statement in node.body for inner in ast.walk(statement)}
    found = set()
    for node in ast.walk(tree(module)):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in modules() else node.module for name in names}
    return {name for name in found if name in modules()} - {module}


def strings(module: str) -> Iterator[tuple[int, str]]:
    """Every string of a module with its line, but no docstring and no scope of a pytest fixture.

    The parts of an f-string are strings of their own.
    """
    documentation = {
        id(body[0].value)
        for node in ast.walk(tree(module))
        for body in (getattr(node, "body", None),)
        if isinstance(body, list)
        for statement in body
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        for body in ([statement],)
    }
    scopes = {
        id(node.value) for node in ast.walk(tree(module)) if isinstance(node, ast.keyword) and node.arg == "scope"
    }
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation | scopes:
            yield node.lineno, node.value
