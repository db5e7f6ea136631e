"""`overrides/overrides.toml`, the table of what handwritten code puts in the place of generated parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.generation.overrides import read_overrides
from sleeptalk_contract.generation.tree import present
from tests.generation.conftest import ROOT
from tests.generation.test_command import generate

if TYPE_CHECKING:
    from pathlib import Path

TABLE = ROOT / "overrides" / "overrides.toml"


def entry(kind: str = "asleep.result", **values: str) -> str:
    lines = [f'{key} = "{value}"' for key, value in values.items()]
    return "\n".join(["", f"[[{kind}]]", *lines, ""])


RESULT = {"operation": "getSession", "with": "sleeptalk.asleep.Night", "reason": "a reason"}

WRONG = {
    "an unknown document": (entry("naps.result", **RESULT), r"\(\[\[naps.result\]\]\): no document .* 'getSession'"),
    "an unknown operation": (
        entry(**RESULT | {"operation": "getNap"}),
        r"line 31 \(\[\[asleep.result\]\]\): no document of this name has an operation 'getNap': remove the entry",
    ),
    "an unknown parameter": (
        entry("asleep.argument", parameter="x-nap", reason="a reason"),
        r"line 31 \(\[\[asleep.argument\]\]\): no document of this name has a parameter 'x-nap': remove the entry",
    ),
    "a parameter of another document": (
        entry("phonexia.argument", parameter="x-user-id", reason="a reason"),
        r"has a parameter 'x-user-id'",
    ),
    "an entry twice": (entry(**RESULT), r"line 31 .*there is another entry for the same part"),
    "an unknown kind": (entry("asleep.field", name="stat"), r"line 31 \(\[\[asleep.field\]\]\): an entry is one of"),
    "no reason": (entry(operation="getSession", **{"with": "a.B"}), r"an entry has the keys operation, reason, with"),
    "an empty reason": (entry(**RESULT | {"reason": " "}), r"each key has a text that is not empty"),
    "a key too many": (
        entry(**RESULT, because="of that"),
        r"an entry has the keys operation, reason, with, and no oth",
    ),
    "a type that is code": (
        entry("asleep.argument", parameter="timezone", type="__import__('os')", reason="a reason"),
        r"a type is made of UUID, ZoneInfo, bool, float, int, str",
    ),
    "a class that is code": (
        entry(**RESULT | {"operation": "listNaps", "with": "a.B[c]"}),
        r"'with' is the name of a class behind that of its module",
    ),
    "an entry that is not a table": ("\n[naps]\nresult = 5\n", r"\[\[naps.result\]\]\): an entry has the keys"),
    "not TOML": ("\n[[asleep.result]\n", r"overrides/overrides.toml is not TOML: .*line 31"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_entry_that_changes_nothing_or_is_malformed_is_refused(checkout: Path, name: str) -> None:
    text, expected = WRONG[name]
    table = checkout / "overrides" / "overrides.toml"
    text = table.read_text(encoding="utf-8").rstrip("\n") + "\n" * 2 + text.lstrip("\n")
    before = present(checkout / "generated")
    lines = text.splitlines()
    table.write_text(text, encoding="utf-8")
    code, output, error = generate(checkout)
    assert (code, output) == (2, "")
    last = max(number for number, line in enumerate(lines, 1) if line.startswith("[[")) if "[[" in text else 1
    assert re.search(expected.replace("line 31", f"line {last}"), error), error
    assert error.startswith("sleeptalk: overrides/overrides.toml")
    assert error.count("\n") == 1
    assert present(checkout / "generated") == before


def test_each_entry_of_the_table_changes_the_output(checkout: Path) -> None:
    generate(checkout)
    table = checkout / "overrides" / "overrides.toml"
    entries = re.split(r"(?m)^(?=\[\[)", table.read_text(encoding="utf-8"))[1:]
    assert len(entries) == len(read_overrides(TABLE).entries)
    for left_out in entries:
        table.write_text("".join(entry for entry in entries if entry != left_out), encoding="utf-8")
        lines = generate(checkout, "--check")[1].splitlines()
        assert [line for line in lines if re.match(r"different: sleeptalk_generated/\w+/client.py", line)], left_out


def test_without_a_table_nothing_is_replaced(tmp_path: Path) -> None:
    assert read_overrides(tmp_path / "overrides.toml").entries == {}
