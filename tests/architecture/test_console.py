"""Whatever is printed goes through contract/output.py or contract/screen.py, where nothing can act on a console."""

import ast

import pytest

from tests.architecture.source import TOOLS, modules, tree

PRINTING = {
    f"{TOOLS}.contract.output",
    f"{TOOLS}.contract.screen",
    f"{TOOLS}.__main__",  # before anything can be imported, and its words are its own
}
FORBIDDEN = {
    "click.echo",
    "click.secho",
    "click.echo_via_pager",
    "sys.stdout.write",
    "sys.stderr.write",
    "print",
    "Console",
}


def printed(module: str) -> list[str]:
    """Return every place of a module that prints by itself, or makes a console of its own."""
    found = []
    for node in ast.walk(tree(module)):
        names = [node.func] if isinstance(node, ast.Call) else [node] if isinstance(node, ast.Attribute) else []
        for name in names:
            text = ast.unparse(name)
            if text in FORBIDDEN and not _is_into_memory(node):
                found.append(f"{module}:{node.lineno} {text}")
    return found


def _is_into_memory(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and any(ast.unparse(each.value) == "io.StringIO()" for each in node.keywords)


def runs(module: str) -> bool:
    """Tell whether a module is of the tools, and not an example for users to copy."""
    return module.startswith(f"{TOOLS}.") and ".snippets." not in module


@pytest.mark.parametrize("module", sorted({name for name in modules() if runs(name)} - PRINTING))
def test_no_module_prints_by_itself(module: str) -> None:
    assert printed(module) == []


def test_what_prints_by_itself_is_seen() -> None:
    assert printed(f"{TOOLS}.contract.output")
    assert printed(f"{TOOLS}.contract.screen")
