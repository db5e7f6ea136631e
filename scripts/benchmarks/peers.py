"""The peers: what other tools generate from the same documents, made for the run."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import attrs
import msgspec

from sleeptalk.runtime.decoding import decode
from sleeptalk_contract.contract.document import document as read_document
from sleeptalk_contract.contract.document import folder
from sleeptalk_contract.reference.downgrade import downgraded
from sleeptalk_generated.asleep.models import SessionCompleteCallback, SessionResponse
from sleeptalk_generated.phonexia.models import TimeAnalysisResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT_CLASSES: Mapping[str, tuple[str, type[Any]]] = {
    "session": ("asleep", SessionResponse),
    "analysis": ("phonexia", TimeAnalysisResponse),
    "callback": ("asleep", SessionCompleteCallback),
}
"""Each body's document and class; the class has the same name in every peer."""


@dataclass
class Peers:
    """Decoders by name, and the reasons for those that are missing."""

    decoders: dict[str, Callable[[bytes], object]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def decoders(kind: str, workspace: Path) -> Peers:
    """Make the decoders of one kind of body; what they need is generated below `workspace`."""
    document, ours = ROOT_CLASSES[kind]
    structs = _as_struct(ours, {})  # read by the same function as ours, so that the classes alone are compared
    peers = Peers({"sleeptalk": lambda body: decode(body, ours), "msgspec Structs": lambda body: decode(body, structs)})
    peers.decoders["json.loads"] = json.loads
    stock = getattr(_stock(document, workspace), ours.__name__)
    peers.decoders["openapi-python-client"] = lambda body: stock.from_dict(json.loads(body))
    peers.decoders["pydantic"] = getattr(_pydantic(document, workspace), ours.__name__).model_validate_json
    try:
        model = getattr(_openapi_generator(document, workspace), ours.__name__)
    except PeerUnavailableError as reason:
        peers.missing["openapi-generator"] = str(reason)
    else:
        peers.decoders["openapi-generator"] = model.from_json
    return peers


class PeerUnavailableError(Exception):
    """A peer that cannot be compared here; the message says why."""


def _stock(document: str, workspace: Path) -> Any:
    package = f"stock_{document}"
    if not (workspace / package).exists():
        _run(
            sys.executable,
            *("-m", "openapi_python_client", "generate", "--meta", "none"),
            *("--path", str(folder() / f"{document}.yaml"), "--output-path", str(workspace / package)),
        )
    return importlib.import_module(f"{package}.models")


def _pydantic(document: str, workspace: Path) -> Any:
    module = f"pydantic_{document}"
    if not (workspace / f"{module}.py").exists():
        _run(
            sys.executable,
            *("-m", "datamodel_code_generator", "--input-file-type", "openapi", "--openapi-scopes", "schemas"),
            *("--output-model-type", "pydantic_v2.BaseModel", "--collapse-root-models", "--disable-warnings"),
            *("--input", str(folder() / f"{document}.yaml"), "--output", str(workspace / f"{module}.py")),
        )
    return importlib.import_module(module)


def _openapi_generator(document: str, workspace: Path) -> Any:
    command = shutil.which("openapi-generator-cli", path=str(Path(sys.executable).parent))
    if command is None or shutil.which("java") is None:
        raise PeerUnavailableError("openapi-generator-cli or java is not installed")
    package = f"openapi_generator_{document}"
    if not (workspace / package).exists():
        source = workspace / f"{document}-3.0.json"  # its Python generator does not take 3.1
        source.write_text(json.dumps(downgraded(read_document(document).root)), "utf-8")
        _run(
            command,
            *("generate", "--generator-name", "python", "--package-name", package),
            *("--input-spec", str(source), "--output", str(workspace / package)),
            *("--model-name-mappings", "Error=RequestRefusal"),
        )
    sys.path.insert(0, str(workspace / package))
    return importlib.import_module(f"{package}.models")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603  # our own commands, no shell


def _as_struct(annotation: Any, made: dict[type[Any], Any]) -> Any:
    """Return the msgspec Struct with the fields of one of our classes: what msgspec itself would be given."""
    if attrs.has(annotation):
        if annotation not in made:
            hints = get_type_hints(annotation, include_extras=True)
            fields = [
                (a.name, _as_struct(hints[a.name], made), *(() if a.default is attrs.NOTHING else (a.default,)))
                for a in attrs.fields(annotation)
            ]
            made[annotation] = msgspec.defstruct(annotation.__name__, fields, frozen=True, kw_only=True)
        return made[annotation]
    arguments = get_args(annotation)
    if not arguments or hasattr(annotation, "__metadata__") or get_origin(annotation) is Literal:
        return annotation
    first, *others = (_as_struct(argument, made) for argument in arguments)
    origin = get_origin(annotation)
    if origin in {list, dict}:
        return origin[(first, *others)] if others else origin[first]
    union = first
    for argument in others:
        union |= argument
    return union
