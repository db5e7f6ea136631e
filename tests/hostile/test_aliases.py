"""Aliases that would grow beyond any memory are refused where YAML is read, before they grow."""

from pathlib import Path

import pytest

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract.catalogue import catalogue_of
from sleeptalk_contract.contract.usage import UsageError

GROWING = [
    "x-0: &a0 [x, x, x, x, x, x, x, x, x]",
    *(f"x-{each}: &a{each} [{', '.join([f'*a{each - 1}'] * 9)}]" for each in range(1, 30)),
]
"""Its last list stands for 9 to the power of 30 strings: whatever expands it does not end."""


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "service.yaml"
    path.write_text("\n".join(["openapi: 3.1.0", "info: {title: t, version: '1'}", *GROWING, "paths: *a29", ""]))
    return path


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "rules" / "service.yaml"
    path.parent.mkdir()
    path.write_text("\n".join(["sources: {}", *GROWING, "rules: *a29", ""]))
    return path


def test_diff_refuses_a_document_with_aliases(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["diff", str(document), str(document)]) == 2
    assert (
        capsys.readouterr().err == f"sleeptalk: {document} line 4: an alias of a list or mapping: use $ref instead.\n"
    )


def test_diff_refuses_a_catalogue_with_aliases(catalogue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["diff", str(catalogue), str(catalogue)]) == 2
    assert f"{catalogue} line 3: an alias of a list or mapping" in capsys.readouterr().err


def test_lint_shows_where_the_first_alias_is(
    document: Path, catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["lint", str(document)]) == 1
    shown = capsys.readouterr().out
    assert f"{document}:4:" in shown
    assert f"{catalogue}:3:" in shown
    assert shown.count("An alias of a list or mapping: use $ref instead.") == 2


def test_a_catalogue_with_aliases_is_not_read(catalogue: Path) -> None:
    with pytest.raises(UsageError, match="line 3: an alias of a list or mapping"):
        catalogue_of("service", catalogue.parent.parent)
