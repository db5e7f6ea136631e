"""Compares Python types as written in the generated sources: the new one holds less, more, both, or the same."""

from __future__ import annotations

import ast

from sleeptalk_contract.diffing.strictness import EQUAL, WIDER, Relation

_WIDENS = {("int", "float"), ("bool", "int")}


def compare_types(old: str, new: str) -> Relation:
    """Tell how the type `new` relates to `old`; `int` is a part of `float`, and lists compare by their items."""
    if old == new:
        return EQUAL
    before, after = _members(ast.parse(old, mode="eval").body), _members(ast.parse(new, mode="eval").body)
    gone = [member for member in before if member not in after]
    come = [member for member in after if member not in before]
    if len(gone) == len(come) == 1:
        return _one(gone[0], come[0])
    return Relation(less=bool(gone), more=bool(come))


def _members(node: ast.expr) -> list[str]:
    """Give the members of a union as written, in order."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _members(node.left) + _members(node.right)
    return [ast.unparse(node)]


def _one(old: str, new: str) -> Relation:
    if (old, new) in _WIDENS:
        return WIDER
    if (new, old) in _WIDENS:
        return WIDER.reversed
    before, after = ast.parse(old, mode="eval").body, ast.parse(new, mode="eval").body
    match before, after:
        case ast.Subscript(value=outer), ast.Subscript(value=other) if ast.unparse(outer) == ast.unparse(other):
            return compare_types(_inside(before), _inside(after))
    return Relation(less=True, more=True)


def _inside(node: ast.Subscript) -> str:
    """Give what stands in the brackets; of `dict[str, X]` the values' type."""
    inner = node.slice
    return ast.unparse(inner.elts[-1] if isinstance(inner, ast.Tuple) else inner)
