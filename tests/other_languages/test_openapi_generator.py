"""openapi-generator builds TypeScript, Go and Python clients from each document, and they read what is documented."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sleeptalk_contract.contract.document import document, document_paths, folder
from sleeptalk_contract.reference.downgrade import downgraded

DOCUMENTS = [path.stem for path in document_paths()]
OPENAPI_GENERATOR = shutil.which("openapi-generator-cli", path=str(Path(sys.executable).parent))
pytestmark = pytest.mark.skipif(
    OPENAPI_GENERATOR is None or shutil.which("java") is None,
    reason="openapi-generator-cli (requirements/bench.txt) or java is not installed",
)

LANGUAGES = ("typescript-fetch", "go", "python")
RENAMED = {"asleep": {"Error": "AsleepError"}, "asleep-v3": {"Error": "AsleepError"}, "phonexia": {}}
INTERNAL = "Failed to get the schema name: null"  # the generator's own remark, about any list of `anyOf` or `oneOf`
EXPECTED_OF_3_1 = (
    INTERNAL,
    "OpenAPI 3.1 support is still in beta",
    "'oneOf' is intended to include only the additional optional OAS extension discriminator object",
)


def package_of(name: str) -> str:
    """Return the name of the Python package for a document."""
    return f"{name.replace('-', '_')}_client"


def build(clients: Path, inputs: dict[str, Path], languages: tuple[str, ...]) -> tuple[list[str], str]:
    """Build a client in each language from each document, in one run; give the warnings and all that was printed."""
    configurations = []
    for name, source in inputs.items():
        for language in languages:
            configuration = clients / f"{language}-{name}.json"
            configuration.write_text(
                json.dumps(
                    {
                        "generatorName": language,
                        "inputSpec": str(source),
                        "outputDir": str(clients / f"{language}-{name}"),
                        "packageName": package_of(name),
                        "modelNameMappings": RENAMED[name],
                    }
                )
            )
            configurations.append(configuration)
    run = subprocess.run(
        [str(OPENAPI_GENERATOR), "batch", "--threads", "1", "--fail-fast", *map(str, configurations)],
        check=False,
        capture_output=True,
        text=True,
    )
    output = run.stdout + run.stderr
    assert run.returncode == 0, output[-3000:]
    return re.findall(r"(?:WARN|ERROR) +\S+ - (.*)", output), output


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Clients in all languages from the 3.0 form of each document, and the warnings."""
    made = tmp_path_factory.mktemp("clients")
    inputs = {}
    for name in DOCUMENTS:
        inputs[name] = made / f"{name}-3.0.json"
        inputs[name].write_text(json.dumps(downgraded(document(name).root)), encoding="utf-8")
    return made, build(made, inputs, LANGUAGES)[0]


def test_no_language_warns_about_the_3_0_documents(clients: tuple[Path, list[str]]) -> None:
    assert [warning for warning in clients[1] if INTERNAL not in warning] == []


def test_typescript_and_go_take_the_3_1_documents_with_the_warnings_that_the_reference_lists(tmp_path: Path) -> None:
    inputs = {name: folder() / f"{name}.yaml" for name in DOCUMENTS}
    warnings, _ = build(tmp_path, inputs, ("typescript-fetch", "go"))
    assert [warning for warning in warnings if not warning.startswith(EXPECTED_OF_3_1)] == []


def test_python_does_not_take_the_3_1_documents_as_the_reference_says(tmp_path: Path) -> None:
    source = folder() / "asleep.yaml"
    command = [str(OPENAPI_GENERATOR), "generate", "-g", "python", "-i", str(source), "-o", str(tmp_path)]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    assert "not yet supported in getPydanticType" in run.stdout + run.stderr
    assert not list(tmp_path.rglob("session_result.py"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_schema_is_a_class_in_every_language(clients: tuple[Path, list[str]], name: str) -> None:
    schemas = downgraded(document(name).root)["components"]["schemas"]
    forms = set(
        re.findall(r"multipart/form-data: *\n *schema: *\n *\$ref: .*/(\w+)", (folder() / f"{name}.yaml").read_text())
    )
    with_fields = {title for title, schema in schemas.items() if "properties" in schema} - forms
    objects = {RENAMED[name].get(title, title) for title in with_fields}
    for language in LANGUAGES:
        texts = "\n".join(
            file.read_text(encoding="utf-8")
            for file in (clients[0] / f"{language}-{name}").rglob("*")
            if file.suffix in (".ts", ".go", ".py")
        )
        declared = set(re.findall(r"(?:export interface|^type|^class) (\w+)", texts, flags=re.MULTILINE))
        assert objects <= declared, (language, objects - declared)


def read_all(clients: Path, name: str, values: list[tuple[str, Any]]) -> list[str]:
    """Let the generated Python class of each value read it, in another process; give "" or the name of each error."""
    program = (
        "import json, sys\n"
        f"from {package_of(name)} import models\n"
        "for kind, value in json.load(sys.stdin):\n"
        "    try:\n"
        "        getattr(models, kind).from_dict(value)\n"
        "        print('')\n"
        "    except Exception as error:\n"
        "        print(type(error).__name__)\n"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        check=False,
        capture_output=True,
        cwd=clients / f"python-{name}",
        input=json.dumps(values),
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def examples(name: str) -> dict[str, tuple[str, Any]]:
    """The bodies of the documented answers to GET, by operation and name, each with its class."""
    found = {}
    for operation in document(name).operations.values():
        if operation.method == "GET" and not operation.is_webhook:
            content = operation.value["responses"]["200"]["content"]["application/json"]
            kind = content["schema"]["$ref"].rpartition("/")[2]
            for key, example in content["examples"].items():
                found[f"{operation.id} {key}"] = (kind, document(name).resolved(example)["value"])
    return found


UNREADABLE: dict[str, set[str]] = {
    "asleep": set(),
    "asleep-v3": set(),
    # `{}` in the place of null, twice, and a list as a value of an error's context
    "phonexia": {f"getTimeAnalysis {key}" for key in ("printed-schema-sample", "failed", "rejected")},
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_python_client_reads_every_example_but_those_that_the_reference_names(
    clients: tuple[Path, list[str]], name: str
) -> None:
    found = examples(name)
    outcomes = dict(zip(found, read_all(clients[0], name, list(found.values())), strict=True))
    assert {key for key, outcome in outcomes.items() if outcome} == UNREADABLE[name], outcomes


def test_what_the_reference_says_about_the_python_client_is_true(clients: tuple[Path, list[str]]) -> None:
    for name in ("asleep", "asleep-v3"):
        kind, value = json.loads(json.dumps(examples(name)["getSession complete"]))
        value["result"]["session"]["state"] = "PAUSED"
        assert read_all(clients[0], name, [(kind, value)]) == ["ValidationError"]
    kind, done = examples("phonexia")["getTimeAnalysis done"]
    assert read_all(clients[0], "phonexia", [(kind, {"task": done["task"], "error": {}})]) == ["ValidationError"]
