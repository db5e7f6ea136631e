"""What is committed in `generated/`: what generation gives, importable, and fit for the documents' own examples."""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from enum import Enum
from typing import Any

import attrs
import msgspec
import pytest

import sleeptalk_generated
from sleeptalk_contract.commands.generate import rendered
from sleeptalk_contract.contract.document import Document
from sleeptalk_contract.contract.document import document as project_document
from sleeptalk_contract.contract.document import documents as project_documents
from sleeptalk_contract.generation.overrides import read_overrides
from sleeptalk_contract.generation.rendering import package_of
from sleeptalk_contract.generation.tree import differences, present
from sleeptalk_generated.decoding import decode
from sleeptalk_generated.operation import Operation
from sleeptalk_generated.types import OpenIntEnum, OpenStrEnum
from tests.generation.conftest import ROOT

MODULES = sorted(module.name for module in pkgutil.walk_packages(sleeptalk_generated.__path__, "sleeptalk_generated."))
MODELS = [name for name in MODULES if ".models." in name]


def test_the_committed_files_are_a_regeneration() -> None:
    assert differences(present(ROOT / "generated"), rendered(ROOT)) == []


def test_each_operation_under_paths_has_a_constant_and_two_methods() -> None:
    table = read_overrides(ROOT / "overrides" / "overrides.toml")
    for document in project_documents():
        client = importlib.import_module(f"sleeptalk_generated.{package_of(document)}.client")
        expected = [operation.id for operation in document.operations.values() if not operation.is_webhook]
        assert [constant.id for constant in constants(document)] == expected
        kinds = [kind for name, kind in vars(client).items() if name.endswith("Methods")]
        generated = [each for each in expected if not table.has_method(package_of(document), each)]
        counts = [len([name for name in vars(kind) if not name.startswith("_")]) for kind in kinds]
        assert counts == [len(generated)] * 2


@pytest.mark.parametrize("name", MODULES)
def test_every_module_imports_and_says_where_it_comes_from(name: str) -> None:
    source = inspect.getsource(importlib.import_module(name)).splitlines()
    assert source[0] == "# Do not edit: this file is generated."
    assert source[1] == "# Command: sleeptalk generate"
    assert source[2].startswith("# Source: openapi/")


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "generated" / "sleeptalk_generated" / "py.typed").is_file()


@pytest.mark.parametrize("name", MODULES)
def test_every_public_signature_is_fully_typed(name: str) -> None:
    functions = [
        node for node in ast.walk(ast.parse(inspect.getsource(importlib.import_module(name)))) if _public(node)
    ]
    for function in functions:
        assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        assert function.returns is not None, function.name
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        annotations = [argument.annotation for argument in arguments if argument.arg not in {"self", "cls"}]
        assert all(annotations), function.name
        written = " ".join(ast.unparse(annotation) for annotation in [*annotations, function.returns] if annotation)
        assert "Any" not in written.replace("dict[str, Any]", "a JSON object"), function.name


def _public(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")


@pytest.mark.parametrize("name", MODELS)
def test_msgspec_decodes_into_every_class(name: str) -> None:
    module = importlib.import_module(name)
    (kind,) = [value for value in vars(module).values() if getattr(value, "__module__", "") == name] or [None]
    if kind is None:  # an alias: its members are classes of their own
        assert isinstance(vars(module)[name.rpartition(".")[2].title().replace("_", "")], object)
        return
    if issubclass(kind, Enum):
        assert issubclass(kind, OpenIntEnum | OpenStrEnum)
    else:
        assert attrs.has(kind)
        assert not {method for method in vars(kind) if not method.startswith("_")} - {
            field.name for field in attrs.fields(kind)
        }
    msgspec.json.Decoder(kind)


def constants(document: Document) -> list[Operation[Any]]:
    client = importlib.import_module(f"sleeptalk_generated.{package_of(document)}.client")
    return [value for value in vars(client).values() if isinstance(value, Operation)]


def examples() -> list[Any]:
    """Find each example of an answer under `paths`: the class of its body, and the body."""
    found = []
    for document in project_documents():
        for operation in constants(document):
            for status, kind in {**operation.results, **operation.refusals}.items():
                responses = document.operation(operation.id).value["responses"]
                content = document.resolved(responses[str(status)]).get("content", {})
                for name, example in content.get("application/json", {}).get("examples", {}).items():
                    body = document.resolved(example)["value"]
                    found.append(pytest.param(kind, body, id=f"{operation.id}-{status}-{name}"))
    return found


def written(decoded: object) -> Any:
    """Write a decoded body as JSON again and read it untyped; msgspec writes UTC as Z, the vendor as +00:00."""
    return json.loads(msgspec.json.encode(decoded).replace(b'Z"', b'+00:00"'))


@pytest.mark.parametrize(("kind", "body"), examples())
def test_every_example_of_an_answer_is_decoded_without_loss(kind: type, body: dict[str, Any]) -> None:
    # {} is for the client, which reads it as None
    populated = {key: value for key, value in body.items() if value != {}}
    expected = json.loads(json.dumps(populated).replace('Z"', '+00:00"'))  # a text may end in Z
    assert written(decode(json.dumps(populated).encode(), kind)) == expected


def test_there_are_examples_of_each_answer() -> None:
    assert len(examples()) > 25


def test_every_example_of_a_callback_is_decoded_without_loss() -> None:
    models = importlib.import_module("sleeptalk_generated.asleep.models")
    kinds = {
        "INFERENCE_COMPLETE": models.InferenceCompleteCallback,
        "SESSION_COMPLETE": models.SessionCompleteCallback,
    }
    document = project_document("asleep")
    media = document.operation("receiveCallback").value["requestBody"]["content"]["application/json"]
    bodies = [document.resolved(example)["value"] for example in media["examples"].values()]
    assert {body["callback_event"] for body in bodies} == kinds.keys()
    for body in bodies:
        decoded = decode(json.dumps(body).encode(), kinds[body["callback_event"]])
        assert written(decoded) == body


def test_the_stages_have_names() -> None:
    from sleeptalk_generated.asleep.models import OsaStage, SleepStage

    assert {stage.name: stage.value for stage in SleepStage} == {
        "ERROR": -1,
        "WAKE": 0,
        "LIGHT": 1,
        "DEEP": 2,
        "REM": 3,
    }
    assert {stage.name: stage.value for stage in OsaStage} == {"ERROR": -1, "STABLE": 0, "UNSTABLE": 1}


def test_generated_code_needs_attrs_and_msgspec_alone() -> None:
    code = (
        "import sys, sleeptalk_generated.asleep.client, sleeptalk_generated.phonexia.client\n"
        "packages = {name.partition('.')[0] for name, module in sys.modules.items() if hasattr(module, '__file__')}\n"
        "print(sorted(packages - sys.stdlib_module_names))"
    )
    finished = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert {"attr", "msgspec"} <= set(ast.literal_eval(finished.stdout))
    assert not {"httpx", "httpcore", "anyio", "sleeptalk"} & set(ast.literal_eval(finished.stdout))
