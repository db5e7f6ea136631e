"""The samples of each operation run as they are printed, but for the address, and get a documented answer."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.reference.calls import RECEIVER, Call, Value, call_of, server_of
from sleeptalk_contract.reference.samples import curl, go, javascript, samples
from sleeptalk_contract.reference.site import published
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.phonexia.recordings import wav
from sleeptalk_contract.services.registered import SERVICES
from tests.implementations.stacks.serving import NODE
from tests.node_tools import needs_node
from tests.reference.conftest import needs_go

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.contract.service import Service
    from sleeptalk_contract.reference.published import Published

needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")

PARTS = published(SERVICES)
CALLS = [(part, each) for part in PARTS for each in part.document.operations.values() if not each.is_webhook]
WEBHOOKS = [(part, each) for part in PARTS for each in part.document.operations.values() if each.is_webhook]


def named(value: object) -> str:
    return getattr(value, "id", None) or getattr(value, "name", "")


def sample_of(part: Published, operation: Operation, label: str) -> str:
    return next(sample.text for sample in samples(part, operation) if sample.label == label)


class Sandbox:
    """A fresh sandbox of one role of a service, and the environment that its samples take their credentials from."""

    def __init__(self, url: str, service: Service, expected: dict[str, str]) -> None:
        self.url = url
        self.environment = dict(os.environ)
        for target in service.targets:
            for each in target.credentials:
                self.environment[each.variable] = expected.get(each.header, "")


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """The sandbox for the parameters of a test."""
    part, operation = request.getfixturevalue("part"), request.getfixturevalue("operation")
    targets = [
        target
        for target in part.service.targets
        if target.implementation is not None and target.has("receiver" if operation.is_webhook else "provider")
    ]
    if operation.is_webhook:
        targets = [each for each in targets if any(operation.id in group.operations for group in each.groups)]
    made = [target.implementation({}) for target in targets if target.implementation is not None]
    with running(application(made)) as server:
        yield Sandbox(server.url, part.service, dict(made[0].credentials))


def run(command: list[str], sandbox: Sandbox, folder: Path) -> str:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=folder, env=sandbox.environment, timeout=60
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def command_of(part: Published, operation: Operation, label: str, sandbox: Sandbox, folder: Path) -> list[str]:
    """Write a sample that calls the sandbox into a folder, and return the command that runs it."""
    file, *command = {
        "curl": ("sample.sh", "sh"),
        "JavaScript": ("sample.mjs", str(NODE)),
        "Go": ("main.go", "go", "run"),
    }[label]
    program = folder / file
    program.write_text(sample_of(part, operation, label).replace(server_of(part), sandbox.url), encoding="utf-8")
    return [*command, str(program)]


@needs_curl
@pytest.mark.parametrize(("part", "operation"), CALLS, ids=named)
def test_curl_gets_the_documented_answer(
    part: Published, operation: Operation, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "recording.wav").write_bytes(wav([(0.0, 1.0)], [(1.5, 2.5)]))
    text = sample_of(part, operation, "curl")
    assert server_of(part) in text
    command = f"{text.replace(server_of(part), sandbox.url)} --silent --show-error --write-out '\\n%{{http_code}}'"
    body, _, status = run(["sh", "-c", command], sandbox, tmp_path).rpartition("\n")
    assert any(response.covers(int(status)) for response in operation.successes), (status, body)
    if body:
        assert isinstance(json.loads(body), dict)


@needs_curl
@pytest.mark.parametrize(("part", "operation"), WEBHOOKS, ids=named)
def test_curl_delivers_what_a_receiver_accepts(
    part: Published, operation: Operation, sandbox: Sandbox, tmp_path: Path
) -> None:
    text = sample_of(part, operation, "curl")
    assert RECEIVER in text
    command = f"{text.replace(RECEIVER, sandbox.url)} --silent --show-error --write-out '%{{http_code}}'"
    assert run(["sh", "-c", command], sandbox, tmp_path).startswith("2")


@needs_node
@pytest.mark.parametrize(("part", "operation"), CALLS, ids=named)
def test_javascript_gets_an_answer_without_an_error(
    part: Published, operation: Operation, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "recording.wav").write_bytes(wav([(0.0, 1.0)], [(1.5, 2.5)]))
    printed = run(command_of(part, operation, "JavaScript", sandbox, tmp_path), sandbox, tmp_path).strip()
    assert not printed or isinstance(json.loads(printed), dict)


def test_the_ids_of_the_samples_are_those_that_the_sandbox_shows() -> None:
    for part, operation in CALLS:
        shown = {
            value
            for target in part.service.targets
            for each in target.scenarios
            for value in each.path_parameters.values()
        }
        for value in call_of(part, operation).path_values.values():
            assert value.variable or value.text in shown


@needs_go
@pytest.mark.parametrize(("part", "operation"), [*CALLS, *WEBHOOKS], ids=named)
def test_go_is_written_as_gofmt_writes_it(part: Published, operation: Operation) -> None:
    text = sample_of(part, operation, "Go") + "\n"
    done = subprocess.run(["gofmt"], check=False, input=text, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, text), done.stderr


@needs_go
def test_go_vet_has_nothing_to_say(tmp_path: Path) -> None:
    (tmp_path / "go.mod").write_text("module samples\n\ngo 1.19\n", encoding="utf-8")
    for part, operation in [*CALLS, *WEBHOOKS]:
        folder = tmp_path / f"{part.name}-{operation.id}"
        folder.mkdir()
        (folder / "main.go").write_text(sample_of(part, operation, "Go"), encoding="utf-8")
    done = subprocess.run(["go", "vet", "./..."], check=False, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@needs_go
@pytest.mark.parametrize(("part", "operation"), CALLS, ids=named)
def test_go_gets_an_answer_without_an_error(
    part: Published, operation: Operation, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "recording.wav").write_bytes(wav([(0.0, 1.0)], [(1.5, 2.5)]))
    printed = run(command_of(part, operation, "Go", sandbox, tmp_path), sandbox, tmp_path).strip()
    assert not printed or isinstance(json.loads(printed), dict)


@pytest.mark.parametrize(
    "label",
    [
        pytest.param("curl", marks=needs_curl),
        pytest.param("JavaScript", marks=needs_node),
        pytest.param("Go", marks=needs_go),
    ],
)
@pytest.mark.parametrize(("part", "operation"), CALLS[:1], ids=named)
def test_a_refusal_is_an_error_of_the_program(
    label: str, part: Published, operation: Operation, sandbox: Sandbox, tmp_path: Path
) -> None:
    command = command_of(part, operation, label, sandbox, tmp_path)
    environment = sandbox.environment | {"ASLEEP_API_KEY": "another"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode != 0
    assert "401" in done.stderr
    assert "another" not in done.stderr


HOSTILE = "a$(touch hacked)`touch hacked`\"'\\ $HOME ${process.exit(1)} !! é\u2028"
HOSTILE_CALL = Call(
    "POST",
    "http://127.0.0.1:9/$(touch hacked)`",
    "/naps/{nap_id}/{key}",
    {"nap_id": Value(HOSTILE), "key": Value("", "NAP_KEY")},
    {"x-nap": Value(HOSTILE), "x-key": Value("", "NAP_KEY")},
    {"q": Value(HOSTILE)},
    json.dumps({"nap": HOSTILE}, ensure_ascii=False),
)


def test_nothing_of_a_document_is_run_by_the_shell_that_runs_a_sample(tmp_path: Path) -> None:
    program = 'curl() { for each in "$@"; do printf \'%s\\0\' "$each"; done; }\n' + curl(HOSTILE_CALL)
    environment = os.environ | {"NAP_KEY": "own key"}
    done = subprocess.run(
        ["sh", "-c", program], check=True, capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    address, *rest = done.stdout.split("\0")
    assert address.startswith("http://127.0.0.1:9/$(touch hacked)`/naps/a$(touch%20hacked)%60touch")
    assert address.partition("?")[0].endswith("/own key")
    assert f"x-nap: {HOSTILE}" in rest
    assert "x-key: own key" in rest
    assert HOSTILE_CALL.body in rest
    assert not list(tmp_path.iterdir())


@needs_node
def test_nothing_of_a_document_is_run_by_the_javascript_of_a_sample(tmp_path: Path) -> None:
    program = tmp_path / "sample.mjs"
    stub = "globalThis.fetch = async (...sent) => ({ ok: true, text: async () => JSON.stringify(sent) });\n"
    program.write_text(stub + javascript(HOSTILE_CALL), encoding="utf-8")
    done = subprocess.run(
        [str(NODE), str(program)], check=True, capture_output=True, text=True, env=os.environ | {"NAP_KEY": "own key"}
    )
    address, options = json.loads(done.stdout)
    assert address.startswith("http://127.0.0.1:9/$(touch hacked)`/naps/a$(touch%20hacked)%60touch")
    assert options["headers"]["x-nap"] == HOSTILE
    assert options["headers"]["x-key"] == "own key"
    assert json.loads(options["body"]) == {"nap": HOSTILE}


@needs_go
def test_nothing_of_a_document_breaks_out_of_the_go_of_a_sample(tmp_path: Path) -> None:
    (tmp_path / "main.go").write_text(go(HOSTILE_CALL), encoding="utf-8")
    done = subprocess.run(["go", "vet", "main.go"], check=False, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert go(HOSTILE_CALL).count(json.dumps(HOSTILE, ensure_ascii=False)) == 1


def test_go_imports_what_it_uses_and_nothing_else() -> None:
    for part, operation in [*CALLS, *WEBHOOKS]:
        text = sample_of(part, operation, "Go")
        imported = re.findall(r'^\t"([\w/]+)"$', text, re.MULTILINE)
        assert imported == sorted(imported)
        body = text.partition("func main()")[2]
        assert {each.rpartition("/")[2] for each in imported} == set(
            re.findall(r"(?<![\w.])([a-z]+8?)\.[A-Z]", body)
        ) & {
            "bytes",
            "fmt",
            "http",
            "io",
            "json",
            "log",
            "multipart",
            "os",
            "strings",
            "subtle",
            "utf8",
        }
