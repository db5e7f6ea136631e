"""README's snippets run as they stand, its commands exist, and its figures come from the file that the bench writes."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.results import BEGIN, END, FILE, PAGE, with_table
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import sandbox_app
from sleeptalk_contract.services.phonexia.recordings import wav
from sleeptalk_contract.services.registered import SERVICES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
OUTPUTS = re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
SNIPPETS = [snippet for snippet in PYTHON if "def test_" not in snippet]
TESTS = [snippet for snippet in PYTHON if "def test_" in snippet]
COMMANDS = [
    line.removeprefix("$ ").partition("  #")[0].strip()
    for block in re.findall(r"^```console\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
    if line.startswith("$ ")
]


RECEIVER_OF_THE_USER = """
import pytest
from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY
from sleeptalk_contract.services.asleep.sandbox.receiver import receiver_app
from sleeptalk_contract.sandbox.server import running

@pytest.fixture
def my_receiver_url():
    with running(receiver_app(SANDBOX_API_KEY)) as server:
        yield server.url
"""


@pytest.fixture(scope="module")
def sandbox_url() -> Iterator[str]:
    with running(sandbox_app(SERVICES)) as server:
        yield server.url


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.splitlines()[0])
def test_a_python_snippet_runs_beside_the_sandbox(snippet: str, sandbox_url: str, tmp_path: Path) -> None:
    program = tmp_path / "snippet.py"
    program.write_text(snippet.replace("http://127.0.0.1:8765", sandbox_url), "utf-8")
    (tmp_path / "call.wav").write_bytes(wav([(0.5, 1.5)], [(2.0, 2.5)], seconds=3))
    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == dict(OUTPUTS).get(snippet, done.stdout)


def test_the_first_snippet_is_short_and_shows_what_it_prints() -> None:
    ((snippet, output),) = OUTPUTS
    assert snippet == SNIPPETS[0]
    assert output
    assert len(snippet.splitlines()) <= 5
    assert len(README.partition("```text")[0].splitlines()) <= 30, "it does not stand on the first screen"


@pytest.mark.parametrize("snippet", TESTS, ids=lambda snippet: snippet.splitlines()[0])
def test_the_tests_that_a_user_would_write_pass(snippet: str, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(RECEIVER_OF_THE_USER, "utf-8")
    (tmp_path / "test_contract.py").write_text(snippet, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout
    assert f"{snippet.count('def test_')} passed" in done.stdout


def test_the_snippets_show_a_night_a_call_and_a_receiver() -> None:
    shown = [re.findall(r"sleeptalk\.(asleep|phonexia|callback)", snippet)[0] for snippet in SNIPPETS]
    assert list(dict.fromkeys(shown)) == ["asleep", "phonexia", "callback"]


@pytest.mark.parametrize("shown", [".epochs()", "statistics_row", ".to_json()", "parse(", "get_sessions("])
def test_the_snippets_show_nights_as_tables_and_as_json(shown: str) -> None:
    assert any(shown in snippet for snippet in SNIPPETS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_readme_exists_with_the_options_it_is_shown_with(command: str) -> None:
    words = [word for word in command.split() if not re.match(r"[A-Z_]+=", word)]
    if words[0] == "export":
        assert len(words) == 1
    elif words[0] == "st":
        program = Path(sys.executable).with_name("st")
        assert (
            subprocess.run([program, words[1], "--help"], capture_output=True, timeout=60, check=False).returncode == 0
        )
    elif words[0] == "cp":
        assert words[-1] == "schemathesis.toml"  # tests/stock runs the block
    elif words[0].startswith("scripts/"):
        assert os.access(ROOT / words[0], os.X_OK)
    elif "sleeptalk" in Path(words[0]).name:
        program = Path(sys.executable).with_name("sleeptalk")
        help_text = subprocess.run(
            [program, *words[1:3], "--help"] if words[1] == "get" else [program, words[1], "--help"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        assert [word for word in words if word.startswith("--") and word not in help_text] == []
    else:
        assert words[:2] == ["pip", "install"]


def test_the_table_of_figures_is_the_one_of_the_last_measurement() -> None:
    page = PAGE.read_text("utf-8")
    assert page.count(BEGIN) == page.count(END) == 1
    assert FILE.exists()
    assert with_table(page) == page
    assert "docs/speed.md" in README
