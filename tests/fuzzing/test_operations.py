"""A target with several operations: other methods than GET, query parameters, forms, and successes other than 200."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.contract.service import RuleGroup, Target
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.judging.http import documented_status, no_server_error
from sleeptalk_contract.reporting.model import Report
from tests.fuzzing.helpers import Quiet, Recording, broken, serving

DOCUMENT = """
openapi: 3.1.0
info: {title: Files, version: "1"}
paths:
  /files:
    post:
      operationId: addFile
      parameters: [{name: tag, in: query, required: true, schema: {type: string, maxLength: 5}}]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file, name]
              properties:
                file: {type: string, contentMediaType: application/octet-stream}
                name: {type: string, maxLength: 5}
      responses:
        "202":
          description: The file is kept.
          content:
            application/json:
              schema: {x-rule: files.shape, type: object, required: [id], properties: {id: {type: string}}}
  /files/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string, maxLength: 5}}]
    put:
      operationId: renameFile
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string}}}
      responses: {"204": {description: The file has another name.}}
    delete:
      operationId: deleteFile
      responses: {"204": {description: The file is gone.}}
"""

RULES = """
sources: {page: {title: Files, url: "https://files.example/page"}}
groups:
  files:
    role: provider
    title: Files
    summary: What keeps files.
    rules:
      - {id: files.shape, level: must, where: schema, shape: true, sentence: A file has an id., source: {page: page}}
      - {id: files.no-server-error, level: must, where: exchange, sentence: It does not fail., source: {page: page}}
      - {id: files.documented-status, level: should, where: exchange, sentence: It is documented., source: {page: page}}
"""

HONEST = {"POST": (202, b'{"id": "1"}'), "PUT": (204, b""), "DELETE": (204, b"")}


def answering(answers: Mapping[str, tuple[int, bytes]]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        status, body = answers[scope["method"]]
        headers = [(b"content-type", b"application/json")] if body else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


@pytest.fixture
def files(tmp_path: Path) -> Target:
    (tmp_path / "rules").mkdir()
    (tmp_path / "files.yaml").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "rules" / "files.yaml").write_text(RULES, encoding="utf-8")
    checks = {"files.documented-status": documented_status, "files.no-server-error": no_server_error}
    group = RuleGroup("files", ("addFile", "renameFile", "deleteFile"), checks=checks)
    return Target("files", "What keeps files.", tmp_path / "files.yaml", (group,))


def fuzzed(
    target: Target, answers: Mapping[str, tuple[int, bytes]], *, allow_writes: bool = True
) -> tuple[Recording, Report]:
    recording = Recording(answering(answers))
    with serving(recording) as url:
        plan = Plan(target, url, seed=1, max_examples=15, allow_writes=allow_writes)
        with Run(plan, Control(), Quiet()) as run:
            run.execute()
            return recording, run.report()


def test_without_permission_nothing_is_written_and_no_rule_is_kept(files: Target) -> None:
    recording, report = fuzzed(files, HONEST, allow_writes=False)
    assert [method for method, _, _, _ in recording.requests if method in HONEST] == []
    assert {result.rule.id for result in report.of("not-exercised")} == set(files.rules)
    assert report.exit_code == 2


def test_every_operation_is_asked_with_its_parameters_and_bodies(files: Target) -> None:
    recording, report = fuzzed(files, HONEST)
    assert report.exit_code == 0
    assert [result.rule.id for result in report.of("not-exercised")] == []
    by_method = {method: [each for each in recording.requests if each[0] == method] for method in HONEST}
    assert all(by_method.values())
    assert any("tag=" in path for _, path, _, _ in by_method["POST"])
    assert any(b'name="file"' in body for _, _, _, body in by_method["POST"])
    assert any(b'"name"' in body for _, _, _, body in by_method["PUT"])


def test_the_same_seed_sends_the_same_forms(files: Target) -> None:
    first, second = (fuzzed(files, HONEST)[0].requests for _ in range(2))
    assert any(b"form-data" in body for _, _, _, body in first)
    assert first == second


@pytest.mark.parametrize(
    ("answers", "rules"),
    [
        ({**HONEST, "POST": (202, b"{}")}, {"files.shape"}),
        ({**HONEST, "POST": (200, b'{"id": "1"}')}, {"files.documented-status"}),
        ({**HONEST, "DELETE": (500, b"")}, {"files.no-server-error"}),
        ({**HONEST, "PUT": (501, b"")}, {"files.no-server-error"}),
    ],
)
def test_each_operation_is_judged_by_what_it_documents(
    files: Target, answers: Mapping[str, tuple[int, bytes]], rules: set[str]
) -> None:
    assert broken(fuzzed(files, answers)[1]) == rules
