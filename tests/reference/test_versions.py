"""Two versions side by side: every field of both is there, what was renamed is said, and a wrong name is refused."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sleeptalk.asleep_v3.converting import RENAMED
from sleeptalk_contract.contract.document import Document, folder
from sleeptalk_contract.contract.pointer import described_schemas
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reference.site import published
from sleeptalk_contract.reference.versions import comparisons
from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from pathlib import Path

ROW = re.compile(r"^\| (?:`(?P<before>[^`]+)`)? ?\| (?:`(?P<now>[^`]+)`)? ?\| (?P<said>.*) \|$", re.MULTILINE)
PARTS = {part.name: part for part in published(SERVICES)}
(PAGE,) = comparisons(list(PARTS.values()))


def section(heading: str) -> list[tuple[str, str, str]]:
    """Return the rows below a heading: (before, now, what changed)."""
    text = PAGE.text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [(each["before"] or "", each["now"] or "", each["said"]) for each in ROW.finditer(text)]


def fields(document: str, schema: str) -> list[str]:
    return list(described_schemas(PARTS[document].document.root)[schema]["properties"])


@pytest.mark.parametrize("schema", ["SessionResponse", "SessionResult", "Session", "Stat"])
def test_every_field_of_both_versions_stands_in_one_row(schema: str) -> None:
    rows = section(schema)
    assert [before for before, _, _ in rows if before] == fields("asleep", schema)
    assert sorted(now for _, now, _ in rows if now) == sorted(fields("asleep-v3", schema))


def test_it_says_what_was_renamed_added_and_removed() -> None:
    assert ("timezone", "timezone", "the same") in section("SessionResult")
    assert ("estimated_ahi", "breathing_index", "renamed. The same figure.") in section("Stat")
    assert ("VERY_STABLE", "STABLE_BREATH") in [row[:2] for row in section("BreathingPattern")]
    (said,) = [said for before, _, said in section("SessionResult") if before == "validity"]
    assert said.startswith("renamed; string before, list of `Peculiarity` now. `VALID` is an empty list")
    assert ("", "sleep_cycle_count", "new: The number of sleep cycles (beta)") in section("Stat")
    assert [row for row in section("SessionCompleteDataV2, now SessionCompleteDataV3") if row[1] == ""] == [
        ("session_id", "", "removed."),
        ("sleep_data", "", "removed. Its parts stand beside `user_id` now."),
    ]


def test_the_client_that_converts_nights_agrees_with_what_was_renamed() -> None:
    renamed = Document.read(folder() / "versions" / "asleep-v3.yaml").root["renamed"]
    for before, now in RENAMED.items():
        assert {became for place, became in renamed.items() if place.endswith(f".{before}")} == {now}


def test_every_operation_of_the_new_version_is_there() -> None:
    text = PAGE.text.partition("\n## Operations\n")[2].partition("\n## ")[0]
    for operation in PARTS["asleep-v3"].document.operations.values():
        assert f"[{operation.title}](" in text


def test_what_is_compared_has_the_same_types_in_words() -> None:
    changed = [row for row in section("Stat") if " before, " in row[2]]
    assert changed == []
    assert ("sleep_stages", "Session.sleep_stages") in [
        row[:2] for row in section("SleepData, now SessionResult, Session, Stat") if " before, " in row[2]
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            "before: asleep\n",
            "before: dreams\n",
            r"line 1\d \(#/before\): there is no document dreams: there are asleep, ",
        ),
        ("before: asleep\n", "", r"#/before\): before is missing or is not text"),
        (
            "{before: Stat, now: [Stat]}",
            "{before: Stats, now: [Stat]}",
            r"#/schemas/3\): no document has a schema Stats",
        ),
        (
            "{before: Stat, now: [Stat]}",
            "{before: Stat, now: [Stats]}",
            r"#/schemas/3\): asleep-v3 has no schema Stats",
        ),
        ("Stat.estimated_ahi: breathing_index", "Stat.estimated_ahi: index", r"nothing has the name index now"),
        ("  Stat.estimated_ahi: breathing_index", "  Stat.ahi: breathing_index", r"Stat.ahi is not compared"),
    ],
)
def test_a_name_that_is_not_there_is_refused_with_its_line(
    right: str, wrong: str, message: str, tmp_path: Path
) -> None:
    shutil.copytree(folder(), tmp_path / "openapi", ignore=shutil.ignore_patterns("node_modules"))
    file = tmp_path / "openapi" / "versions" / "asleep-v3.yaml"
    text = file.read_text(encoding="utf-8")
    assert right in text
    file.write_text(text.replace(right, wrong), encoding="utf-8")
    services = [replace(each, document=tmp_path / "openapi" / each.document.name) for each in SERVICES]
    with pytest.raises(UsageError, match=message):
        list(comparisons(published(services)))
