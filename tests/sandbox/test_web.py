"""Requests find the operations of a document, whatever their methods, parameters and bodies."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import httpx
import pytest

from sleeptalk_contract.contract.document import Document
from sleeptalk_contract.contract.service import Fault
from sleeptalk_contract.sandbox import web
from sleeptalk_contract.sandbox.answers import Answer, Request
from sleeptalk_contract.sandbox.faults import cut_off, delayed, from_second_time, trusting, when, with_status
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import application

SHELF: Final = Document.parse(
    """
openapi: 3.1.0
info: {title: Shelf, version: "1"}
paths:
  /books:
    get: {operationId: listBooks, responses: {"200": {description: a list}}}
    post: {operationId: addBook, responses: {"201": {description: added}}}
  /books/newest:
    get: {operationId: getNewest, responses: {"200": {description: one}}}
  /books/{book_id}:
    get: {operationId: getBook, responses: {"200": {description: one}}}
    put: {operationId: replaceBook, responses: {"204": {description: replaced}}}
  /shelves/{shelf_id}/books/{book_id}/cover:
    put: {operationId: setCover, responses: {"204": {description: set}}}
webhooks:
  returned:
    post: {operationId: bookReturned, responses: {"204": {description: taken note of}}}
""",
    "shelf.yaml",
)


@dataclass
class Echo:
    """Answers with what it was asked."""

    operations: Any = tuple(SHELF.operations.values())
    rule_groups: tuple[str, ...] = ("shelf",)
    credentials: Any = field(default_factory=lambda: MappingProxyType({"x-key": "right"}))

    def answer(self, request: Request) -> Answer:
        if request.operation == "replaceBook":
            return Answer(204)
        asked = {
            "operation": request.operation,
            "path_parameters": dict(request.path_parameters),
            "identifier": request.identifier,
            "query": {name: list(values) for name, values in request.query.items()},
            "json": request.json,
            "form": {name: part.content.decode("latin-1") for name, part in request.form.items()},
            "key": request.headers.get("x-key"),
            "count": request.count,
        }
        return Answer(200, body=asked)


@pytest.fixture(scope="module")
def shelf() -> Iterator[httpx.Client]:
    with running(application([Echo()])) as server, httpx.Client(base_url=server.url) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path", "operation", "parameters"),
    [
        ("GET", "/books", "listBooks", {}),
        ("POST", "/books", "addBook", {}),
        ("GET", "/books/newest", "getNewest", {}),
        ("GET", "/books/7", "getBook", {"book_id": "7"}),
        ("GET", "/books/", "getBook", {"book_id": ""}),
        ("GET", "/books/a%2Fb%0A", "getBook", {"book_id": "a/b\n"}),
        ("GET", "/books/7/", "getBook", {"book_id": "7/"}),
        ("DELETE", "/books/7", None, {"book_id": "7"}),
        ("PUT", "/shelves/a%20b/books/%C3%A9/cover", "setCover", {"shelf_id": "a b", "book_id": "é"}),
        ("POST", "/anywhere/else", "bookReturned", {}),
        ("GET", "/anywhere/else", None, {}),
    ],
)
def test_a_request_finds_its_operation(
    shelf: httpx.Client, method: str, path: str, operation: str | None, parameters: dict[str, str]
) -> None:
    asked = shelf.request(method, path).json()
    assert (asked["operation"], asked["path_parameters"]) == (operation, parameters)
    assert asked["identifier"] == next(iter(parameters.values()), "")


def test_a_query_keeps_every_value_in_order(shelf: httpx.Client) -> None:
    assert shelf.get("/books?tag=b&tag=a&empty=&text=%C3%A9").json()["query"] == {
        "tag": ["b", "a"],
        "empty": [""],
        "text": ["é"],
    }


def test_a_body_of_json_is_read_and_any_other_is_none(shelf: httpx.Client) -> None:
    assert shelf.post("/books", json={"title": "七"}).json()["json"] == {"title": "七"}
    for content in (b"", b"{", b"\xff", b"[" * 100_000):
        assert shelf.post("/books", content=content).json()["json"] is None


def test_a_multipart_body_is_read_byte_for_byte(shelf: httpx.Client) -> None:
    picture = bytes(range(256)) * 20 + b"\r\n--\r\n\n"
    asked = shelf.put("/shelves/1/books/2/cover", data={"title": "cover"}, files={"file": ("a.png", picture)}).json()
    assert asked["form"] == {"title": "cover", "file": picture.decode("latin-1")}


def test_a_body_that_is_not_multipart_has_no_parts(shelf: httpx.Client) -> None:
    headers = {"content-type": "multipart/form-data"}  # without a boundary
    for content in (b"", b"--x\r\n\r\n"):
        assert shelf.post("/books", content=content, headers=headers).json()["form"] == {}


def test_a_body_that_is_too_long_is_answered_413(shelf: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "LONGEST_BODY", 1000)
    assert shelf.post("/books", content=b" " * 1001).status_code == 413
    assert shelf.post("/books", content=b" " * 1000).status_code == 200


def test_an_answer_of_204_has_no_body(shelf: httpx.Client) -> None:
    answer = shelf.put("/books/7")
    assert (answer.status_code, answer.content, "content-length" in answer.headers) == (204, b"", False)


def test_paths_that_no_document_has_are_answered_404() -> None:
    provider = Echo(tuple(each for each in SHELF.operations.values() if not each.is_webhook))
    with running(application([provider])) as server:
        assert httpx.get(f"{server.url}/anywhere/else").json() == {"detail": "Not Found"}


def test_the_methods_of_a_path_may_belong_to_two_implementations() -> None:
    reader, writer = (Echo((SHELF.operation(name),), (name,)) for name in ("getBook", "replaceBook"))
    broken = Fault("replaceBook.works", "refuses", "refuses to replace", with_status(409))
    with running(application([reader, writer], [broken])) as server:
        assert httpx.get(f"{server.url}/books/7").status_code == 200
        assert httpx.put(f"{server.url}/books/7").status_code == 409


def broken(*faults: Fault, path: str = "/books", **options: Any) -> httpx.Response:
    with running(application([Echo()], faults)) as server:
        return httpx.post(server.url + path, **options)


def test_a_fault_trusts_a_wrong_key() -> None:
    assert broken(Fault("shelf.key", "any", "accepts any key", trusting("x-key"))).json()["key"] == "right"


def test_a_fault_delays_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(web, "sleep", pause)
    broken(Fault("shelf.prompt", "late", "answers late", delayed(5.5)))
    assert waited == [5.5]


@pytest.mark.parametrize("status", [200, 204])
def test_a_fault_cuts_even_an_empty_answer_off(status: int) -> None:
    empty = Fault("shelf.shape", "empty", "answers nothing", with_status(status, b""))
    with pytest.raises(httpx.RemoteProtocolError):
        broken(empty, Fault("shelf.works", "dropped", "drops the connection", cut_off))


def test_the_same_path_with_another_body_was_not_asked_before() -> None:
    again = Fault("shelf.works", "again", "fails the second time", from_second_time(with_status(500)))
    with running(application([Echo()], [again])) as server, httpx.Client(base_url=server.url) as client:
        statuses = [client.post("/books", content=content).status_code for content in (b"1", b"2", b"1", b"2")]
    assert statuses == [200, 200, 500, 500]


def test_a_condition_sees_request_and_answer() -> None:
    picky = Fault(
        "shelf.works", "adding", "fails on new books", when(lambda r, _: r.operation == "addBook", with_status(503))
    )
    assert broken(picky).status_code == 503
    assert broken(picky, path="/elsewhere").status_code == 200
