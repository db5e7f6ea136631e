"""The guides: everything in them runs as it stands, and their tables hold what they are made from."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import pytest
import yaml

import sleeptalk.errors
from sleeptalk_contract.commands.guides import PAGES as NAMES
from sleeptalk_contract.commands.guides import article, guides
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reference.site import published
from sleeptalk_contract.reference.twins import twin
from sleeptalk_contract.reporting.baseline import read_baseline
from sleeptalk_contract.services.registered import SERVICES
from tests.catalogues import catalogue
from tests.node_tools import INSTALLED
from tests.reference.guides import PAGES, ROOT, blocks, commands, reader

if TYPE_CHECKING:
    from pathlib import Path

NEED_NODE = {"documents"}
TEXTS = {one.file.removesuffix(".html"): one.text for one in guides(SERVICES, published(SERVICES))}


def source(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name in NAMES if blocks(source(name))])
def test_a_page_can_be_carried_out_from_its_first_line_to_its_last(name: str, tmp_path: Path) -> None:
    if name in NEED_NODE and not INSTALLED:
        pytest.skip("the Node tools are not installed: scripts/setup-node")
    with reader(tmp_path) as somebody:
        somebody.carry_out(source(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_block_of_a_page_is_carried_out_or_saved_as_a_file_that_a_command_or_test_uses(name: str) -> None:
    page = source(name)
    done = " ".join(command for block in blocks(page) for command in commands(block))
    for block in blocks(page):
        run = commands(block) or (block.language == "python" and not block.file)
        module = block.file.rpartition(".")[0]
        assert (
            run or module in done or block.file in ("github.yml", "service.yml", "sleeptalk.toml", "accepted.yaml")
        ), block


def test_the_job_of_github_uses_inputs_that_the_action_has() -> None:
    (job,) = [yaml.safe_load(block.text) for block in blocks(source("ci")) if block.file == "github.yml"]
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (given,) = [step["with"] for step in job["jobs"]["contract"]["steps"] if "uses" in step]
    assert given.keys() <= action["inputs"].keys()


def test_the_baseline_that_a_page_shows_is_one(tmp_path: Path) -> None:
    (block,) = [block for block in blocks(source("fuzzing")) if block.file == "accepted.yaml"]
    (tmp_path / "accepted.yaml").write_text(block.text, encoding="utf-8")
    read = read_baseline(tmp_path / "accepted.yaml", dt.date(2026, 1, 1), catalogue())
    assert read.covers("session.timestamp-format", "/result/session/start_time")


def test_every_table_is_filled_in_and_has_what_it_is_made_from() -> None:
    assert not [name for name, text in TEXTS.items() if "<!-- derived" in text]
    for name in sleeptalk.errors.__all__:
        assert f"| `{name}` |" in TEXTS["errors"]
        says = f"`{name}`" in source("errors") or name in ("SleeptalkError", "CallFailed") or "Callback" in name
        assert says, f"{name}: the page does not say what to do"
    for part in published(SERVICES):
        for operation in part.document.operations.values():
            assert all(
                f"({twin(part.address(operation))}) | {status} |" in TEXTS["errors"] for status in operation.responses
            )
    for service in SERVICES:
        for target in service.targets:
            assert f"| `{target.name}` |" in TEXTS["fuzzing"]
    assert "`--require all|must|ID`".replace("|", r"\|") in TEXTS["fuzzing"]
    assert "| `sleeptalk fuzz` | **0** no rule is broken, **1** the contract is broken, **2**" in TEXTS["ci"]
    assert "| `20220821093117_hz82a` | `four-stages` |" in TEXTS["nights"]


def test_a_table_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UsageError, match=r"naps.md asks for the table dreams, and there are body-schemas, "):
        article("naps", "# Naps\n\n<!-- derived: dreams -->\n", (), ())
    with pytest.raises(UsageError, match="the options of dreams, which is not a command"):
        article("naps", "# Naps\n\n<!-- derived: options dreams -->\n", (), ())


def test_the_glossary_names_fields_that_the_documents_have() -> None:
    words = set(re.findall(r"`([a-z]+_[a-z_]+)`", TEXTS["glossary"]))
    fields = {
        field
        for part in published(SERVICES)
        for schema in part.document.root["components"]["schemas"].values()
        for field in schema.get("properties", {})
    }
    assert words - {"why_null", "list_sessions"} <= fields
