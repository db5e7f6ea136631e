"""A run against a kitchen whose kettles can be refilled and thrown away leaves everything there as it was."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import requests
import yaml
from starlette.types import ASGIApp, Receive, Scope, Send

from sleeptalk_contract.contract.exchange import Answer, Exchange, Knowledge
from sleeptalk_contract.contract.service import RuleGroup, Target
from sleeptalk_contract.fuzzing.control import Control
from sleeptalk_contract.fuzzing.plan import Plan
from sleeptalk_contract.fuzzing.probe import Conversation, Probe, other_methods
from sleeptalk_contract.fuzzing.run import Run
from sleeptalk_contract.fuzzing.sparing import Spared
from sleeptalk_contract.judging.http import documented_status
from sleeptalk_contract.judging.judge import Judge
from tests.fuzzing.helpers import Quiet, Recording, serving

KNOWN = ("k0001", "k0002")
UNNAMED = "k7261"
"""It exists, but nobody says so: the document has it as an example."""

WATERED = {"x-kettle-key": "kitchen-key", "content-type": "application/json"}
SHELVES = range(10)
KETTLE = {"name": "kettle_id", "in": "path", "required": True, "schema": {"$ref": "#/components/schemas/KettleId"}}
OWNER = {"name": "x-owner", "in": "header", "schema": {"type": "string"}}
SHELF = {"name": "shelf", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0, "maximum": 9}}
WATER = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Water"}}}}
IDS = {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/KettleId"}}
GONE = {"204": {"description": "Done."}, "404": {"$ref": "#/components/responses/Refused"}}

PATHS: dict[str, dict[str, Any]] = {
    "/kettles": {"delete": {"operationId": "deleteKettles", "responses": GONE}},
    "/kettles/{kettle_id}": {
        "put": {"operationId": "fillKettle", "parameters": [KETTLE], "requestBody": WATER, "responses": GONE},
        "delete": {"operationId": "deleteKettle", "parameters": [{**KETTLE, "example": UNNAMED}], "responses": GONE},
    },
    "/kettles/{kettle_id}/emptied": {
        "post": {"operationId": "emptyKettle", "parameters": [KETTLE, OWNER], "responses": GONE},
    },
    "/emptied": {
        "post": {
            "operationId": "emptyKettles",
            "requestBody": {"required": True, "content": {"application/json": {"schema": IDS}}},
            "responses": GONE,
        }
    },
    "/shelves/{shelf}": {"delete": {"operationId": "deleteShelf", "parameters": [SHELF], "responses": GONE}},
}
OPERATIONS = tuple(operation["operationId"] for item in PATHS.values() for operation in item.values())
SENT = {"deleteKettle", "fillKettle", "emptyKettle", "emptyKettles"}


class Kitchen:
    """Does what it is asked to, and forgets nothing of it."""

    def __init__(self) -> None:
        self.kettles: dict[str, float] = dict.fromkeys((*KNOWN, UNNAMED), 20.0)
        self.shelves = set(SHELVES)
        self.made: list[str] = []

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        found = re.fullmatch(r"/(kettles|shelves|emptied)(?:/([^/]*))?(/emptied)?", path)
        kind, name = (found.group(1), found.group(2)) if found else ("", None)
        if method == "GET":
            known = name in self.kettles
            return (200, {"id": name, "celsius": self.kettles[name]}) if known else (404, {"reason": "unknown"})
        if (method, kind, name) == ("POST", "kettles", None):
            celsius = json.loads(body)["celsius"]
            self.made.append(f"k{8000 + len(self.made)}")
            self.kettles[self.made[-1]] = celsius
            return 201, {"id": self.made[-1], "celsius": celsius}
        if kind == "shelves":
            self.shelves.discard(int(name) if name and name.isdigit() else -1)
            return 204, None
        named = [name] if name is not None else list(self.kettles) if kind == "kettles" else _listed(body)
        for each in named:
            if method == "DELETE":
                self.kettles.pop(each, None)
            elif each in self.kettles:
                self.kettles[each] = 0.0
        return 204, None

    def app(self) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            body = b""
            while True:
                message = await receive()
                body += message.get("body", b"")
                if not message.get("more_body"):
                    break
            try:
                status, value = self.answer(scope["method"], scope["path"], body)
            except (ValueError, KeyError, TypeError):
                status, value = 400, {"reason": "the body"}
            content = b"" if value is None else json.dumps(value).encode()
            headers = [(b"content-type", b"application/json")] if content else []
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": content})

        return app


def _listed(body: bytes) -> list[str]:
    value = json.loads(body)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


@pytest.fixture
def kitchen(kettle: Target, tmp_path: Path) -> Target:
    """The toy with more operations: they share paths with each other and with the one that ids are known for."""
    document = yaml.safe_load(kettle.document.read_text(encoding="utf-8"))
    for path, item in PATHS.items():
        document["paths"].setdefault(path, {}).update(item)
    link = {"operationId": "deleteKettle", "parameters": {"kettle_id": "$response.body#/id"}}
    document["paths"]["/kettles"]["post"]["responses"]["201"]["links"] = {"delete": link}
    catalogue = yaml.safe_load((kettle.document.parent / "rules" / "kettle.yaml").read_text(encoding="utf-8"))
    (rule,) = [each for each in catalogue["groups"]["kettle"]["rules"] if each["id"] == "kettle.filled-as-asked"]
    documented = {**rule, "id": "kettle.documented-status"}
    catalogue["groups"]["kettle"]["rules"].append(documented)
    (tmp_path / "rules").mkdir()
    (tmp_path / "kettle.yaml").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "rules" / "kettle.yaml").write_text(json.dumps(catalogue), encoding="utf-8")
    (group,) = kettle.groups
    checks = {**group.checks, "kettle.documented-status": documented_status}
    group = RuleGroup("kettle", (*group.operations, *OPERATIONS), checks, group.schemas)
    return replace(kettle, document=tmp_path / "kettle.yaml", groups=(group,))


def fuzzed(target: Target, app: ASGIApp, seed: int = 1, *, allow_writes: bool = True) -> Recording:
    recording = Recording(app)
    with serving(recording) as url:
        key = {"x-kettle-key": "kitchen-key"}
        plan = Plan(target, url, key, KNOWN, seed=seed, max_examples=60, allow_writes=allow_writes)
        with Run(plan, Control(), Quiet()) as run:
            run.execute()
    return recording


@pytest.mark.parametrize("seed", [1, 2])
def test_a_run_changes_nothing_that_it_did_not_make(kitchen: Target, seed: int) -> None:
    served = Kitchen()
    recording = fuzzed(kitchen, served.app(), seed)
    assert (served.kettles, served.shelves) == (Kitchen().kettles, Kitchen().shelves)
    changing = [each for each in recording.requests if each[0] != "GET"]
    for _, path, _, body in changing:
        assert not any(known in unquote(path) or known.encode() in body for known in KNOWN), (path, body)
    assert any(known in path for known in KNOWN for method, path, _, _ in recording.requests if method == "GET")


def test_a_run_only_reads_where_writes_are_not_allowed(kitchen: Target) -> None:
    probes = [
        Probe(intent, "getKettle", {"kettle_id": "k9998"}, method, headers={"x-kettle-key": "kitchen-key"})
        for intent in ("other-method", "unknown-id")
        for method in ("HEAD", "PATCH", "DELETE")
    ]
    recording = fuzzed(replace(kitchen, probes=lambda _knowledge, _ids: [probes]), Kitchen().app(), allow_writes=False)
    assert {method for method, _, _, _ in recording.requests} == {"GET", "HEAD"}


def test_a_probe_of_an_undocumented_method_never_reaches_a_known_id(kitchen: Target) -> None:
    probes = [
        Probe("other-method", "getKettle", {"kettle_id": identifier}, method, headers={"x-kettle-key": "kitchen-key"})
        for method in ("PATCH", "DELETE")
        for identifier in (*KNOWN, "k9998")
    ]
    recording = fuzzed(replace(kitchen, probes=lambda _knowledge, _ids: [probes]), Kitchen().app())
    probed = [(method, path) for method, path, _, _ in recording.requests[:2]]
    assert probed == [("PATCH", "/kettles/k9998"), ("DELETE", "/kettles/k9998")]


def test_operations_that_change_things_are_tried_on_what_does_not_exist(kitchen: Target) -> None:
    recording = fuzzed(kitchen, Kitchen().app())
    found = set()
    for method, path, _, _ in recording.requests:
        for identifier in OPERATIONS:
            operation = kitchen.operation(identifier)
            if operation.method == method and operation.match(path) is not None:
                found.add(identifier)
    assert found == SENT


def test_documented_methods_of_one_path_are_judged_as_what_they_are(kitchen: Target) -> None:
    judge = Judge(kitchen, Knowledge())

    def broken_by(method: str, status: int) -> set[str]:
        operation = kitchen.operation("getKettle")
        url, ids = "http://kettle/kettles/k7777", {"kettle_id": "k7777"}
        exchange = Exchange.sent(
            operation, "other-method", url, (), None, Answer(status), method=method, path_parameters=ids
        )
        return {breach.rule for breach in judge.judge(exchange).breaches}

    assert broken_by("DELETE", 204) == set()
    assert broken_by("DELETE", 405) == {"kettle.documented-status"}
    assert broken_by("PATCH", 204) == {"kettle.documented-status"}
    assert broken_by("PATCH", 405) == set()
    assert list(other_methods(kitchen.operation("getKettle"))) == ["POST", "PATCH"]


def interrupting(run: list[Run], served: Kitchen) -> ASGIApp:
    """An application that is interrupted while it makes its second kettle, which it makes all the same."""
    app = served.app()

    async def interrupted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "POST" and len(served.made) == 1:
            run[0].abort()
        await app(scope, receive, send)

    return interrupted


def test_what_an_interrupted_run_has_made_is_deleted(kitchen: Target) -> None:
    served, runs = Kitchen(), list[Run]()
    fillings = [Probe("filling", "createKettle", headers=WATERED, body=b'{"celsius": 20}')] * 3
    with serving(interrupting(runs, served)) as url:
        target = replace(kitchen, probes=lambda _knowledge, _ids: [fillings])
        plan = Plan(target, url, {"x-kettle-key": "kitchen-key"}, KNOWN, seed=1, allow_writes=True)
        with Run(plan, Control(), Quiet()) as run:
            runs.append(run)
            run.execute()
            report = run.report()
    assert report.interrupted
    assert len(served.made) == 2
    assert served.kettles.keys() == Kitchen().kettles.keys()


def test_what_a_run_has_made_is_deleted_where_it_fails(kitchen: Target) -> None:
    served = Kitchen()

    def failing() -> Conversation:
        yield Probe("filling", "createKettle", headers=WATERED, body=b'{"celsius": 20}')
        raise RuntimeError("a bug")

    with serving(served.app()) as url:
        target = replace(kitchen, probes=lambda _knowledge, _ids: [failing])
        plan = Plan(target, url, {"x-kettle-key": "kitchen-key"}, KNOWN, seed=1, allow_writes=True)
        with pytest.raises(RuntimeError, match="a bug"), Run(plan, Control(), Quiet()) as run:
            run.execute()
    assert served.made == ["k8000"]
    assert served.kettles.keys() == Kitchen().kettles.keys()


def test_what_cannot_be_deleted_is_named(kitchen: Target) -> None:
    probes = [[Probe("filling", "createKettle", headers=WATERED, body=b'{"celsius": 20}')]]
    with serving(_refusing_to_delete(Kitchen().app())) as url:
        target = replace(kitchen, probes=lambda _knowledge, _ids: probes)
        plan = Plan(target, url, {"x-kettle-key": "kitchen-key"}, KNOWN, seed=1, max_examples=1, allow_writes=True)
        with Run(plan, Control(), Quiet()) as run:
            run.execute()
            report = run.report()
    assert any("could not delete what it has made: " in each and "k8000" in each for each in report.problems)


def test_a_step_may_depend_on_answers(kitchen: Target) -> None:
    served, seen = Kitchen(), list[object]()

    def made_and_deleted() -> Conversation:
        making = yield Probe("filling", "createKettle", headers=WATERED, body=b'{"celsius": 20}')
        assert making is not None
        identifier = making.response_json["id"]
        seen.append((yield Probe("made", "deleteKettle", {"kettle_id": identifier}, headers=WATERED)))
        seen.append((yield Probe("made", "deleteKettle", {"kettle_id": KNOWN[0]}, headers=WATERED)))

    recording = fuzzed(replace(kitchen, probes=lambda _knowledge, _ids: [made_and_deleted]), served.app())
    assert [each[:2] for each in recording.requests[:2]] == [("POST", "/kettles"), ("DELETE", "/kettles/k8000")]
    deleted, spared = seen
    assert isinstance(deleted, Exchange)
    assert deleted.status == 204
    assert spared is None


def _refusing_to_delete(app: ASGIApp) -> ASGIApp:
    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "DELETE":
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await app(scope, receive, send)

    return refusing


@pytest.mark.parametrize(
    ("operation", "method", "target", "body", "spared"),
    [
        ("getKettle", "GET", "/kettles/k0001", None, False),
        ("getKettle", "DELETE", "/kettles/k0001", None, True),
        ("deleteKettle", "DELETE", "/kettles/k0001", None, True),
        ("deleteKettle", "DELETE", "/kettles/%6B0001", None, True),
        ("deleteKettle", "DELETE", "/kettles/K0001", None, True),
        ("deleteKettle", "DELETE", "/kettles/k0001%0A", None, True),
        ("deleteKettle", "DELETE", "/kettles/k0009?also=k0001", None, True),
        ("deleteKettle", "DELETE", "/kettles/k0009", None, False),
        ("emptyKettles", "POST", "/emptied", b'["k0001"]', True),
        ("emptyKettles", "POST", "/emptied", b'["k00011"]', False),
        ("deleteKettles", "DELETE", "/kettles", None, True),
        ("deleteShelf", "DELETE", "/shelves/3", None, True),
        ("receiveWhistle", "POST", "/callback", b'{"kettle_id": "k0001"}', False),
    ],
)
def test_what_is_spared(  # noqa: PLR0917  # the columns of the table
    kitchen: Target, operation: str, method: str, target: str, body: bytes | None, spared: bool
) -> None:
    request = requests.Request(method, f"http://kettle{target}", data=body).prepare()
    assert Spared(KNOWN, allow_writes=True)(kitchen.operation(operation), request, is_guess=True) is spared


def test_a_probe_that_writes_is_spared_where_it_names_what_the_user_has(kitchen: Target) -> None:
    spared = Spared((*KNOWN, "somebody"), allow_writes=True)
    for operation, method, path, owner, expected in (
        ("emptyKettle", "POST", "/kettles/k0009/emptied", "nobody", False),
        ("emptyKettle", "POST", "/kettles/k0009/emptied", "somebody", True),
        ("emptyKettle", "POST", "/kettles/k0001/emptied", "nobody", True),
        ("emptyKettle", "PUT", "/kettles/k0009/emptied", "somebody", False),  # which is to be refused
        ("emptyKettle", "PUT", "/kettles/k0001/emptied", "nobody", True),
    ):
        request = requests.Request(method, f"http://kettle{path}", headers={"x-owner": owner}).prepare()
        assert spared(kitchen.operation(operation), request, is_guess=False) is expected, (method, path, owner)
