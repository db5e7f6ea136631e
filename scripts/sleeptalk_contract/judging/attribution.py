"""Which rule a JSON Schema error belongs to: the way from the failing keyword back to an `x-rule`.

An error of jsonschema_rs carries its evaluation path, which runs through every `$ref`. Walked from the root it meets
the `x-rule`s, and the last one met is the nearest:

- inside the `then` of a conditional, every error belongs to the conditional's rule;
- `type` and `required` belong to the nearest shape rule, except for a number that is not whole where a whole one is
  called for, which breaks the nearest rule, whatever it is about;
- any other keyword belongs to the nearest rule unless that is a shape rule, or the schema lists the keyword in
  `x-fuzzing-bounds`: then it belongs to no rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.documents import follow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHAPE_RULES: Final = frozenset(
    {
        "session.shape",
        "session.error-detail-string",
        "callback.shape",
        "analysis.shape",
        "analysis.error-detail-shape",
    }
)
"""The rules that say which keys there are and of which type; `type` and `required` belong to them."""

_SHAPE_KEYWORDS: Final = frozenset({"type", "required"})
_KEYWORDS_OF_NAMES: Final = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs"})


@dataclass(frozen=True, slots=True)
class Trail:
    """What the way to a failing keyword meets.

    `keyword` is the failing keyword; `nearest` and `nearest_shape` are rule ids, None where none was met; `conditional`
    is the rule of the conditional in whose `then` the keyword stands, or None; `bound_only` tells that the keyword is
    there for fuzzing alone.
    """

    keyword: str
    nearest: str | None
    nearest_shape: str | None
    conditional: str | None
    bound_only: bool

    def rule(self, *, whole_number_expected: bool = False) -> str | None:
        """Give the id of the rule that an error of this keyword breaks, None where it belongs to no rule."""
        if self.conditional is not None:
            return self.conditional
        if self.keyword in _SHAPE_KEYWORDS:
            return self.nearest if whole_number_expected else self.nearest_shape
        return None if self.bound_only or self.nearest in SHAPE_RULES else self.nearest


def trail(root: Mapping[str, Any], path: Sequence[str | int]) -> Trail:
    """Walk an evaluation path from the root schema."""
    node: Any = root
    nearest = nearest_shape = conditional = None
    at_name = False
    holder: Any = root
    for step in path:
        if not at_name and isinstance(node, dict):
            holder = node
            nearest = node.get("x-rule", nearest)
            nearest_shape = nearest if nearest in SHAPE_RULES else nearest_shape
            if step == "then":
                conditional = nearest
        node = follow(root, node["$ref"]) if step == "$ref" and not at_name else node[step]
        at_name = not at_name and step in _KEYWORDS_OF_NAMES
    keyword = str(path[-1]) if path else ""
    return Trail(keyword, nearest, nearest_shape, conditional, keyword in holder.get("x-fuzzing-bounds", ()))
