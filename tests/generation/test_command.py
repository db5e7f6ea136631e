"""`sleeptalk generate` in a checkout, as a person or CI runs it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sleeptalk_contract.commands import program as cli
from sleeptalk_contract.contract.document import document_paths
from sleeptalk_contract.generation import tree
from tests.generation.conftest import ROOT


def generate(folder: Path, *options: str) -> tuple[int, str, str]:
    """Run `sleeptalk generate` inside `folder`: exit code, standard output, standard error."""
    output, error = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(output), contextlib.redirect_stderr(error):
        code = cli.run(["generate", *options])
    return code, output.getvalue(), error.getvalue()


def in_a_process(folder: Path, *options: str, seed: str = "0") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sleeptalk_contract", "generate", *options]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_two_processes_write_the_same_bytes(checkout: Path) -> None:
    trees = []
    for seed in ("1", "2"):
        shutil.rmtree(checkout / "generated")
        finished = in_a_process(checkout, seed=seed)
        assert (finished.returncode, finished.stderr) == (0, "")
        files = [path for path in (checkout / "generated").rglob("*") if path.is_file()]
        trees.append({path: path.read_bytes() for path in files})
    assert trees[0] == trees[1]
    assert len(trees[0]) > 40


def test_check_is_content_with_what_generate_wrote(checkout: Path) -> None:
    assert generate(checkout)[0] == 0
    finished = in_a_process(checkout, "--check")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "up to date" in finished.stdout


def test_check_shows_what_differs_and_writes_nothing(checkout: Path) -> None:
    generate(checkout)
    package = checkout / "generated" / "sleeptalk_generated"
    changed = package / "asleep" / "models" / "stat.py"
    changed.write_text(changed.read_text(encoding="utf-8").replace("sleep_efficiency: float", "sleep_efficiency: int"))
    (package / "stale.py").write_text("")
    (package / "decoding.py").unlink()
    before = tree.present(checkout / "generated")
    finished = in_a_process(checkout, "--check")
    assert finished.returncode == 1
    assert [line for line in finished.stdout.splitlines() if not line.startswith((" ", "@@"))] == [
        "missing: sleeptalk_generated/decoding.py",
        "stale: sleeptalk_generated/stale.py",
        "different: sleeptalk_generated/asleep/models/stat.py",
        "--- sleeptalk_generated/asleep/models/stat.py (is)",
        "+++ sleeptalk_generated/asleep/models/stat.py (should be)",
        "-    sleep_efficiency: int",
        "+    sleep_efficiency: float",
        "generated/ is out of date with the documents and templates: run sleeptalk generate.",
    ]
    assert tree.present(checkout / "generated") == before


def test_a_long_difference_is_cut_short(checkout: Path) -> None:
    generate(checkout)
    for path in (checkout / "generated").rglob("*.py"):
        path.write_text("nothing\n" * 5)
    lines = generate(checkout, "--check")[1].splitlines()
    assert len([line for line in lines if not line.startswith("different: ")]) == 32
    assert lines[-2].endswith("more lines")


def test_any_change_of_a_document_or_template_is_noticed(checkout: Path) -> None:
    generate(checkout)
    for path in ("openapi/phonexia.yaml", "overrides/templates/header.jinja", "overrides/overrides.toml"):
        file = checkout / path
        file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        assert generate(checkout, "--check")[0] == 1
        assert generate(checkout)[0] == 0
        assert generate(checkout, "--check")[0] == 0


@pytest.mark.parametrize("name", ["asleep-v9", "asleep_v9", "Asleep V9"])
def test_any_document_is_generated_under_its_name_as_an_identifier(checkout: Path, name: str) -> None:
    text = (checkout / "openapi" / "asleep.yaml").read_text(encoding="utf-8")
    (checkout / "openapi" / f"{name}.yaml").write_text(text.replace("getSession", "getNight"), encoding="utf-8")
    assert generate(checkout)[0] == 0
    client = checkout / "generated" / "sleeptalk_generated" / "asleep_v9" / "client.py"
    assert "class AsyncAsleepV9Methods(ABC):" in client.read_text(encoding="utf-8")
    assert f"openapi/{name}.yaml" in (checkout / "generated" / "generated.lock.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["nap-1", "nap_1"], "openapi/nap-1.yaml and openapi/nap_1.yaml would both become the package nap_1: rename"),
        (["class"], "openapi/class.yaml: 'class' cannot be the name of a package: rename the file."),
        (["types"], "openapi/types.yaml: 'types' cannot be the name of a package: rename the file."),
        (["1"], "openapi/1.yaml: '1' cannot be the name of a package: rename the file."),
    ],
)
def test_a_name_that_cannot_be_a_package_is_refused(checkout: Path, names: list[str], expected: str) -> None:
    for name in names:
        shutil.copy(checkout / "openapi" / "phonexia.yaml", checkout / "openapi" / f"{name}.yaml")
    code, _, error = generate(checkout)
    assert (code, expected in error) == (2, True), error


def without_generated_code(folder: Path) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys\n"
        "sys.modules['sleeptalk_generated'] = None\n"
        "from sleeptalk_contract.commands import program\n"
        "sys.exit(program.run(['generate']))"
    )
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_it_needs_nothing_of_what_it_generates(checkout: Path) -> None:
    shutil.rmtree(checkout / "generated")
    finished = without_generated_code(checkout)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert (checkout / "generated" / "sleeptalk_generated" / "asleep" / "client.py").is_file()


def test_it_says_what_is_wrong_with_a_document_where_nothing_is_generated_yet(checkout: Path) -> None:
    (checkout / "openapi" / "asleep.yaml").write_text("openapi: 3.0.0", encoding="utf-8")
    finished = without_generated_code(checkout)
    assert finished.returncode == 2
    assert finished.stderr.startswith("sleeptalk: openapi/asleep.yaml line 1 (#/openapi): an OpenAPI 3.1 document")


def test_stale_files_go(checkout: Path) -> None:
    stale = checkout / "generated" / "sleeptalk_generated" / "asleep" / "models" / "no_longer.py"
    stale.write_text("raise SystemExit")
    (checkout / "generated" / "left").mkdir()
    (checkout / "generated" / "left" / "over.py").write_text("")
    assert generate(checkout)[0] == 0
    assert not stale.exists()
    assert sorted(path.name for path in (checkout / "generated").iterdir()) == [
        "generated.lock.json",
        "sleeptalk_generated",
    ]


def test_nothing_is_touched_where_nothing_changed(checkout: Path) -> None:
    generate(checkout)
    before = (checkout / "generated").stat().st_mtime_ns
    count = len(tree.present(checkout / "generated"))
    assert generate(checkout)[:2] == (0, f"generated/: {count} files, already up to date.\n")
    assert (checkout / "generated").stat().st_mtime_ns == before


def test_a_failure_while_writing_leaves_the_old_files(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree.present(checkout / "generated")
    original = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise PermissionError(13, "Permission denied")
        return original(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    document = checkout / "openapi" / "asleep.yaml"
    document.write_text(document.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    code, _, error = generate(checkout)
    assert code == 2
    assert "cannot be written (Permission denied); the old files are kept" in error
    assert tree.present(checkout / "generated") == before
    assert sorted(path.name for path in checkout.iterdir()) == ["generated", "openapi", "overrides"]


def test_the_lock_names_what_the_files_were_made_from(checkout: Path) -> None:
    generate(checkout)
    lock = json.loads((checkout / "generated" / "generated.lock.json").read_text(encoding="utf-8"))
    assert lock["generator"] == "openapi-python-client 0.29.1"
    assert list(lock["documents"]) == [f"openapi/{path.name}" for path in document_paths(ROOT / "openapi")]
    assert list(lock["overrides"]) == ["overrides/overrides.toml"]
    assert [*lock["templates"]] == sorted(
        f"overrides/templates/{path.name}" for path in (ROOT / "overrides/templates").iterdir()
    )


def test_a_checkout_with_the_line_ends_of_windows_gives_the_same(checkout: Path) -> None:
    generate(checkout)
    before = tree.present(checkout / "generated")
    for path in [
        *(checkout / "openapi").iterdir(),
        checkout / "overrides" / "overrides.toml",
        *(checkout / "overrides" / "templates").iterdir(),
    ]:
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert generate(checkout, "--check")[:1] == (0,)
    assert tree.present(checkout / "generated") == before


def test_any_folder_of_the_checkout_will_do(checkout: Path) -> None:
    assert generate(checkout / "openapi")[0] == 0


def test_outside_of_a_checkout_it_says_so(tmp_path: Path) -> None:
    finished = in_a_process(tmp_path)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr == (
        "sleeptalk: generate works in a checkout of the project, where openapi/ and overrides/templates/ are:"
        " run it there.\n"
    )
