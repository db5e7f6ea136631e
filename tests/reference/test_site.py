"""What the reference holds: every rule, field and operation, linked both ways, and downloads that are the documents."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.commands.config import schema_text
from sleeptalk_contract.commands.reference import MARK, write
from sleeptalk_contract.commands.schemas import SETTINGS_SCHEMA
from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.contract.usage import UsageError
from sleeptalk_contract.reference.fields import schemas
from sleeptalk_contract.reference.frame import linked
from sleeptalk_contract.reference.markdown import inline, markdown
from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from sleeptalk_contract.reference.published import Published


class Anchors(HTMLParser):
    """The ids of a page and the addresses that it links to."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.sources: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value is not None:
                self.ids.append(value)
            if name == "href" and value is not None and tag == "a":
                self.links.append(value)
            if name in ("src", "srcset", "action", "data") or (name == "href" and tag == "link"):
                self.sources.append(str(value))


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Anchors]:
    return {page.name: Anchors(page.read_text(encoding="utf-8")) for page in site.glob("*.html")}


def test_every_link_leads_somewhere(site: Path, pages: dict[str, Anchors]) -> None:
    for name, page in pages.items():
        for link in page.links:
            if link.startswith("https://"):
                continue
            file, _, anchor = link.partition("#")
            target = file or name
            assert (site / target).is_file(), (name, link)
            assert not anchor or anchor in pages[target].ids, (name, link)


def test_every_operation_has_a_page_and_every_page_the_list_of_all(
    pages: dict[str, Anchors], parts: list[Published]
) -> None:
    addresses = {part.address(operation) for part in parts for operation in part.document.operations.values()}
    assert addresses <= pages.keys()
    for page in pages.values():
        assert addresses <= set(page.links)


def test_ids_are_unique_and_nothing_is_loaded(pages: dict[str, Anchors]) -> None:
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        assert {source for source in page.sources if not source.startswith("data:")} == set(), name


def test_every_rule_has_its_row_and_every_rule_of_a_schema_its_places(
    pages: dict[str, Anchors], parts: list[Published]
) -> None:
    for part in parts:
        assert {part.anchor(rule) for rule in part.catalogue.rules} <= set(pages["rules.html"].ids)
        page = pages[f"fields-{part.name}.html"]
        for schema in schemas(part):
            here = {*schema.rules, *(rule for rules, _ in schema.conditions for rule in rules)}
            assert all(f"rules.html#{part.anchor(rule.id)}" in page.links for rule in here)
            for field in schema.fields:
                assert f"{schema.name}.{field.name}" in page.ids
                for rule in field.rules:
                    assert f"fields-{part.name}.html#{schema.name}.{field.name}" in pages["rules.html"].links
                    assert f"rules.html#{part.anchor(rule.id)}" in page.links


def test_the_groups_of_a_service_are_those_of_its_catalogue(parts: list[Published]) -> None:
    for part in parts:
        assert set(part.rule_groups) == set(part.catalogue.groups)
        schemas_of_document = part.document.root["components"]["schemas"]
        for group in part.rule_groups.values():
            assert set(group.schemas) <= set(schemas_of_document)
            assert set(group.operations) <= set(part.document.operations)


def test_a_field_that_only_a_sentence_names_leads_to_the_rule(pages: dict[str, Anchors]) -> None:
    rule = "session.sleep-period-arithmetic"
    assert f"rules.html#{rule}" in pages["fields-asleep.html"].links
    assert "fields-asleep.html#Stat.time_in_sleep_period" in pages["rules.html"].links


def test_the_downloads_are_the_documents(site: Path, parts: list[Published]) -> None:
    for part in parts:
        assert (site / f"{part.name}.yaml").read_bytes() == (folder() / f"{part.name}.yaml").read_bytes()
        assert (site / f"rules-{part.name}.yaml").read_bytes() == (
            folder() / "rules" / f"{part.name}.yaml"
        ).read_bytes()
        assert json.loads((site / f"{part.name}.json").read_text(encoding="utf-8")) == part.document.root


def test_the_schema_of_the_settings_file_is_published(site: Path) -> None:
    assert (site / SETTINGS_SCHEMA).read_text(encoding="utf-8") == schema_text(SERVICES)


def test_html_in_a_description_is_shown_and_not_obeyed() -> None:
    assert "<script>" not in markdown("a <script>alert(1)</script> b")
    assert "<img" not in inline("<img src=x onerror=alert(1)>")
    assert "javascript:" not in inline("[x](javascript:alert(1))").replace("[x](javascript:alert(1))", "")
    assert linked("list of <b> or Stat", ["Stat"]) == 'list of &lt;b&gt; or <a href="#Stat">Stat</a>'


def build(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sleeptalk_contract", "reference", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
    )


def test_the_command_builds_the_site_and_replaces_only_a_reference(tmp_path: Path) -> None:
    out = tmp_path / "new" / "site"
    assert build("--out", out).returncode == 0
    (out / "old.html").write_text("gone after the next build")
    assert build("--out", out).returncode == 0
    assert not (out / "old.html").exists()
    assert [path.name for path in out.parent.iterdir()] == ["site"]
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    run = build("--out", precious)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.count("\n") == 1
    assert [path.name for path in precious.iterdir()] == ["thesis.txt"]


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    run = build("--out", tmp_path / "file" / "site")
    assert run.returncode == 2
    assert "cannot be written" in run.stderr


def test_the_folder_that_one_is_in_is_replaced_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    write(site, {MARK: "", "index.html": "old", "gone.html": ""})
    monkeypatch.chdir(site)
    write(Path(), {MARK: "", "index.html": "new"})
    assert {file.name: file.read_text() for file in site.iterdir()} == {MARK: "", "index.html": "new"}
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_where_a_file_cannot_be_written_the_old_reference_stays(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write(site, {MARK: "", "index.html": "old"})
    with pytest.raises(UsageError, match="site cannot be written: "):
        write(site, {MARK: "", f"{'x' * 300}.html": "a name that no file system takes"})
    assert (site / "index.html").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_where_the_folder_cannot_be_replaced_it_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    write(site, {MARK: "", "index.html": "old"})
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(UsageError, match="Permission denied"):
        write(site, {MARK: "", "index.html": "new"})
    assert (site / "index.html").read_text() == "old"
