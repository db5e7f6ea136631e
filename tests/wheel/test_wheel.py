"""The wheel that `pip install sleeptalk` brings: what it holds, and that it works without a checkout."""

import json
import re
import subprocess
import zipfile
from pathlib import Path

import httpx
import pytest

import sleeptalk
from tests.wheel.installation import ROOT, Installation, build

PACKAGES = ("generated/sleeptalk_generated", "overrides/sleeptalk", "scripts/sleeptalk_contract")
DOCUMENTS = (
    ":(glob)openapi/*.yaml",
    "openapi/schemathesis.toml",
    ":(glob)openapi/rules/*.yaml",
    ":(glob)openapi/versions/*.yaml",
    "docs/pages",
    "docs/receivers.md",
)

USER_TESTS = """
import httpx
import sleeptalk_contract


def test_it_is_the_installed_package():
    assert "site-packages" in sleeptalk_contract.__file__


def test_night(asleep_sandbox, assert_conforms):
    url = f"{asleep_sandbox.url}/data/v2/sessions/{asleep_sandbox.known_ids['four-stages']}"
    assert_conforms(httpx.get(url, headers=asleep_sandbox.headers))


def test_callback(callback_sender, assert_callback_conforms):
    for delivery in callback_sender.deliveries("never-slept"):
        assert_callback_conforms(delivery.body, delivery.headers)
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def client(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What `pip install sleeptalk` gives."""
    return Installation(tmp_path_factory.mktemp("client"), wheel)


@pytest.fixture(scope="session")
def contract(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """What `pip install "sleeptalk[contract]"` gives."""
    return Installation(tmp_path_factory.mktemp("contract"), wheel, "contract")


def test_it_holds_the_files_of_the_three_packages_and_the_documents_and_the_guides_and_nothing_else(
    wheel: Path,
) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *PACKAGES, *DOCUMENTS],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    expected = {}
    for name in listed:
        if not (ROOT / name).is_file():  # a file that is deleted but not committed
            continue
        moved = name.startswith(("openapi/", "docs/"))
        held = f"sleeptalk_contract/{name}" if moved else name.partition("/")[2]
        expected[held] = (ROOT / name).read_bytes()
    with zipfile.ZipFile(wheel) as archive:
        held = {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected
    assert {f"{Path(package).name}/py.typed" for package in PACKAGES} <= held.keys()


def test_the_client_needs_only_what_it_declares(client: Installation) -> None:
    program = """
from sleeptalk.asleep import Asleep, AsyncAsleep
from sleeptalk.phonexia import AsyncPhonexia, Phonexia
from sleeptalk import callback, errors
import sleeptalk

with Asleep(api_key="key", user_id="user"), Phonexia("http://127.0.0.1:1"):
    print(sleeptalk.__file__)
"""
    done = client.run(client.python, "-c", program)
    assert done.returncode == 0, done.stderr
    assert "site-packages" in done.stdout


def test_the_command_without_its_extra_says_what_to_install(client: Installation) -> None:
    done = client.run(client.sleeptalk, "--help")
    assert done.returncode == 2
    assert done.stderr.startswith("sleeptalk: the package ")
    assert done.stderr.endswith('install the command with: pip install "sleeptalk[contract]".\n')


def test_the_command_knows_its_version_and_its_commands(contract: Installation) -> None:
    assert sleeptalk.__version__ in contract.run(contract.sleeptalk, "--version").stdout
    shown = contract.run(contract.sleeptalk, "--help")
    assert shown.returncode == 0, shown.stderr
    assert "fuzz" in shown.stdout


@pytest.mark.parametrize("target", ["asleep", "callback", "phonexia"])
def test_it_fuzzes_the_sandbox_that_it_carries(contract: Installation, target: str, tmp_path: Path) -> None:
    done = contract.run(contract.sleeptalk, "fuzz", target, "--max-time", "5", "--report-dir", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert report["target"] == target
    assert report["outcome"] == "passed"
    assert (tmp_path / "report.html").is_file()


@pytest.mark.parametrize("asked", ["asleep", "asleep-v3", "phonexia", "--schemathesis"])
def test_it_says_where_the_documents_and_the_settings_for_schemathesis_are(contract: Installation, asked: str) -> None:
    done = contract.run(contract.sleeptalk, "documents", asked)
    path = Path(done.stdout.strip())
    assert "site-packages" in path.parts
    assert path.is_file()


def test_a_project_uses_the_fixtures_of_the_plugin(contract: Installation) -> None:
    contract.write("test_user.py", USER_TESTS)
    done = contract.run(contract.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_user.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


@pytest.mark.parametrize("command", ["generate --check", "lint"])
def test_a_command_for_a_checkout_is_refused_with_a_sentence(contract: Installation, command: str) -> None:
    done = contract.run(contract.sleeptalk, *command.split())
    assert done.returncode == 2
    assert done.stderr.startswith("sleeptalk: ")
    assert done.stderr.count("\n") == 1
    assert "checkout" in done.stderr


def test_it_builds_the_reference(contract: Installation, tmp_path: Path) -> None:
    done = contract.run(contract.sleeptalk, "reference", "--out", tmp_path / "site")
    assert done.returncode == 0, done.stderr
    assert "Get a single session" in (tmp_path / "site" / "asleep-getSession.html").read_text(encoding="utf-8")


def test_it_serves_the_sandbox(contract: Installation) -> None:
    with contract.start(contract.sleeptalk, "sandbox", "--port", "0") as process:
        assert process.stdout is not None
        try:
            url = next(found[1] for line in process.stdout if (found := re.search(r"at (http://[\d.:]+);", line)))
            assert httpx.get(f"{url}/data/v2/sessions/nothing", trust_env=False).status_code == 401  # there is no key
        finally:
            process.terminate()
