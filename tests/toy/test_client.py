"""The toy read through its generated client: the methods of its document, carried out by the runtime of all clients."""

from __future__ import annotations

import asyncio
import importlib
import sys
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk.errors import CallFailed, RequestRefused, Unauthorized
from sleeptalk.runtime.async_client import AsyncClient
from sleeptalk.runtime.client import Client
from sleeptalk.runtime.options import Secret
from sleeptalk.runtime.overrides import Overrides
from sleeptalk.runtime.refusals import detail_of, error_by_status
from sleeptalk.runtime.sync_client import SyncClient
from sleeptalk_contract.contract.document import Document, current_folder
from sleeptalk_contract.generation.rendering import render
from sleeptalk_contract.sandbox.embedded import Embedded, embedded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

    from sleeptalk.runtime.response import Response
    from sleeptalk_contract.contract.service import Service, Target
    from sleeptalk_generated.operation import Call


@pytest.fixture(scope="module")
def package(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Generate the package of the toy's document, and name it as it is imported."""
    folder: Path = tmp_path_factory.mktemp("generated")
    templates = current_folder().parent / "overrides" / "templates"
    for path, text in render([Document.read(service.document)], templates).items():
        target = folder / "generated_toy" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield "generated_toy.kettle"
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "generated_toy"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def its(kettle: Target) -> Iterator[Embedded]:
    with embedded(kettle) as running:
        yield running


def refusal(response: Response, call: Call[Any], _redact: Callable[[str], str]) -> CallFailed:
    return error_by_status(response, call, "The kettle", detail_of(response))


class Kettles(Client):
    _overrides = Overrides(readers={}, identifiers={}, refusal=refusal)

    def __init__(self, its: Embedded, key: str | None = None) -> None:
        ((header, right),) = its.credentials.items()
        self._configure(its.url, 10, 0, secrets={header: Secret(key or right)})
        self._connect(None)  # type: ignore[attr-defined]


@pytest.fixture(scope="module", params=["sync", "async"])
def use(request: pytest.FixtureRequest, package: str, its: Embedded) -> Callable[..., Any]:
    """Call one method of the generated client, sync or async."""
    module: ModuleType = importlib.import_module(f"{package}.client")
    sync = type("SyncKettles", (Kettles, SyncClient, module.KettleMethods), {})
    waiting = type("AsyncKettles", (Kettles, AsyncClient, module.AsyncKettleMethods), {})

    def call(method: str, *arguments: object, key: str | None = None) -> Any:
        if request.param == "sync":
            with sync(its, key) as client:
                return getattr(client, method)(*arguments)

        async def called() -> Any:
            async with waiting(its, key) as client:
                return await getattr(client, method)(*arguments)

        return asyncio.run(called())

    return call


def test_a_body_is_sent_and_the_result_is_an_object_of_the_document(use: Callable[..., Any], package: str) -> None:
    models = importlib.import_module(f"{package}.models")
    filled = use("create_kettle", models.Water(celsius=20))
    assert (type(filled), filled.celsius) == (models.Kettle, 20)


def test_what_exists_is_read(use: Callable[..., Any], package: str, its: Embedded) -> None:
    models = importlib.import_module(f"{package}.models")
    for known in its.known_ids:
        found = use("get_kettle", known)
        assert (type(found), found.id) == (models.Kettle, known)


def test_refusals_are_errors(use: Callable[..., Any], package: str, its: Embedded) -> None:
    models = importlib.import_module(f"{package}.models")
    with pytest.raises(Unauthorized):
        use("get_kettle", its.known_ids[0], key="another-key")
    with pytest.raises(RequestRefused, match="createKettle with the status 400"):
        use("create_kettle", models.Water(celsius=2000))
