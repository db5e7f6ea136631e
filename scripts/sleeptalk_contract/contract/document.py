"""The OpenAPI documents: where they are, their text, values and lines, what `$ref` leads to, and their operations.

Every file of YAML that the tools read is read as a Document, so that one decision stands for all: what `yaml_reader`
calls a flaw, and what is not UTF-8, is refused with file and line.
"""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sleeptalk_contract.contract.operation import METHODS, Operation
from sleeptalk_contract.contract.pointer import follow, resolved, token
from sleeptalk_contract.contract.usage import UsageError, one_line
from sleeptalk_contract.contract.yaml_reader import Flaw, PlainScalar, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_DATA: Final = frozenset({"example", "default", "const", "enum", "value"})
_NAMES: Final = frozenset({"properties", "responses", "schemas"})
"""Keys below which the next key is a name that the document chose, not a keyword such as those above."""


class Document:
    """One text of YAML: mostly an OpenAPI document, but also what stands beside one, such as its catalogue.

    - `label`: names it in messages ("openapi/asleep.yaml", "main:openapi/asleep.yaml").
    - `text`: the YAML itself.
    - `name`: what its operations, catalogue and generated package are found by ("asleep").
    - `folder`: where its file stands; None for a text that is not of a file here.
    - `flaws`: what is wrong with its YAML. `read` and `parse` raise the first; only lint looks at flawed documents.
    - `plain_scalars`: the values without quotes, in the order of the text.

    Two documents are equal only when they are the same object. Values are shared: never change them.
    """

    def __init__(self, text: str, label: str, name: str = "") -> None:
        self.text = text
        self.label = label
        self.name = name or label.rpartition("/")[2].removesuffix(".yaml")
        self.folder: Path | None = None
        read = read_yaml(text)
        self.flaws: tuple[Flaw, ...] = tuple(read.flaws)
        self.plain_scalars: tuple[PlainScalar, ...] = tuple(read.scalars)
        self._value = read.value
        self._places: Mapping[str, tuple[int, int]] = read.places

    def __repr__(self) -> str:
        return f"<Document {self.label}>"

    @classmethod
    def parse(cls, text: str, label: str, name: str = "") -> Document:
        """Return a text as a document. Raises UsageError, with line, where its YAML is flawed."""
        document = cls(text, label, name)
        for flaw in document.flaws:
            raise UsageError(f"{label} line {flaw.line}: {flaw.sentence}")
        return document

    @classmethod
    def read(cls, path: Path, label: str | None = None) -> Document:
        """Return the document in a file; `label` is by default its path.

        Raises UsageError where the file cannot be read, is not UTF-8, or its YAML is flawed.
        """
        label = str(path) if label is None else label
        document = cls.parse(read_text(path, label), label, path.stem)
        document.folder = path.parent
        return document

    @property
    def value(self) -> Any:
        """The value of the text: dicts with str keys, lists, str, int, float, bool and None."""
        return self._value

    @property
    def root(self) -> Mapping[str, Any]:
        """The value of the text as a mapping. Raises UsageError where it is not one."""
        if not isinstance(self._value, dict):
            raise self.refusal("", "an OpenAPI document is a mapping with the keys openapi, info and paths.")
        return self._value

    def place(self, pointer: str) -> tuple[int, int]:
        """Return line and column, from 1, of what a JSON Pointer leads to, or of the last it finds on its way.

        The place of a member of a mapping is that of its key.
        """
        known = pointer.removeprefix("#")
        while known and known not in self._places:
            known = known.rpartition("/")[0]
        return self._places.get(known, (1, 1))

    def line(self, pointer: str) -> int:
        """Return the line, from 1, of what a JSON Pointer leads to, or of the last it finds on its way."""
        return self.place(pointer)[0]

    def refusal(self, pointer: str, sentence: str) -> UsageError:
        """Return the error for one place: "<label> line 3 (#/info): <sentence>"."""
        where = f" (#{one_line(pointer)})" if pointer else ""
        return UsageError(f"{self.label} line {self.line(pointer)}{where}: {sentence}")

    def follow(self, pointer: str) -> Any:
        """Return what a JSON Pointer leads to. Raises LookupError where it leads nowhere."""
        return follow(self._value, pointer)

    def resolved(self, value: Any) -> Any:
        """Follow `$ref` from `value` until there is none. Raises LookupError where one leads nowhere or to itself."""
        return resolved(self.root, value)

    def checked(self) -> Document:
        """Return the document itself, once it is known to be OpenAPI 3.1 with each `$ref` leading somewhere inside it.

        Raises UsageError, with line and pointer, where it is not.
        """
        if not str(self.root.get("openapi", "")).startswith("3.1."):
            raise self.refusal("/openapi", "an OpenAPI 3.1 document is needed (openapi: 3.1.0).")
        for where, reference in _references(self.root, ""):
            if not isinstance(reference, str) or not reference.startswith("#/"):
                raise self.refusal(where, "a $ref must stay inside the file and start with #/.")
            try:
                self.resolved({"$ref": reference})
            except LookupError as error:
                to_itself = "itself" in str(error)
                fate = "back to itself" if to_itself else "nowhere"
                raise self.refusal(where, f"$ref {one_line(reference)} leads {fate}.") from error
        return self

    @cached_property
    def operations(self) -> Mapping[str, Operation]:
        """The operations by operationId, those under `paths` first, then the webhooks, each in the order of the text.

        Raises UsageError where an operation has no operationId or another's.
        """
        found: dict[str, Operation] = {}
        for section in ("paths", "webhooks"):
            for path, item in (self.root.get(section) or {}).items():
                where = f"/{section}/{token(path)}"
                members = self.resolved(item)
                if not isinstance(members, dict):
                    raise self.refusal(where, "a path or webhook is a mapping of methods to operations.")
                for method in METHODS:
                    if method in members:
                        operation = self._operation(f"{where}/{method}", path, members, section == "webhooks")
                        if operation.id in found:
                            raise self.refusal(operation.pointer, "an operation needs an operationId of its own.")
                        found[operation.id] = operation
        return found

    def _operation(self, where: str, path: str, item: Mapping[str, Any], is_webhook: bool) -> Operation:
        method = where.rpartition("/")[2]
        value = item[method]
        identity = value.get("operationId") if isinstance(value, dict) else None
        if not isinstance(identity, str) or not identity:
            raise self.refusal(where, "an operation needs an operationId of its own.")
        return Operation(self, identity, method.upper(), path, is_webhook, where, value, item)

    def operation(self, operation_id: str) -> Operation:
        """Return an operation by its operationId. Raises UsageError where the document has none of this name."""
        if operation_id not in self.operations:
            raise UsageError(f"{self.label} has no operation {operation_id}.")
        return self.operations[operation_id]

    def self_contained(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return a schema together with the document's schemas, so that its `$ref`s resolve inside it."""
        return {**schema, "components": {"schemas": (self.root.get("components") or {}).get("schemas") or {}}}

    def schema(self, name: str) -> dict[str, Any]:
        """Return `components/schemas/<name>`, self-contained."""
        return self.self_contained({"$ref": f"#/components/schemas/{token(name)}"})


def read_text(path: Path, label: str) -> str:
    """Return the text of a UTF-8 file. Raises UsageError, which names it by `label`, where it cannot be read.

    A device or a pipe is refused: it may never end, and what reads a document reads it more than once.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            raise UsageError(f"{label} is a device or a pipe: name a file.")
        return decoded(path.read_bytes(), label)
    except OSError as error:
        raise UsageError(f"{label} cannot be read: {error.strerror}.") from error


def decoded(data: bytes, label: str) -> str:
    """Return bytes as text. Raises UsageError, which names them by `label`, where they are not UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{label} line {line}: this is not UTF-8: byte {error.start} cannot be decoded.") from error


def _references(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Yield every `$ref` with its pointer, except inside examples, which are data."""
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _references(item, f"{where}/{position}")
    elif isinstance(value, dict):
        if "$ref" in value:
            yield f"{where}/$ref", value["$ref"]
        for key, item in value.items():
            if key not in _DATA or where.rpartition("/")[2] in _NAMES:
                yield from _references(item, f"{where}/{token(key)}")


def folder() -> Path:
    """Return the folder of the documents and their catalogues: the checkout's `openapi/`, or the package's copy."""
    package = Path(__file__).resolve().parent.parent
    root = package.parent.parent
    return root / "openapi" if _is_checkout(root) else package / "openapi"


def checkout(start: Path) -> Path | None:
    """Return the checkout of the project that a folder is in; None outside of one."""
    return next((place for place in (start, *start.parents) if _is_checkout(place)), None)


def current_folder() -> Path:
    """Return the folder of the documents of the current checkout; outside of one, `folder()`."""
    root = checkout(Path.cwd())
    return folder() if root is None else root / "openapi"


def _is_checkout(place: Path) -> bool:
    return (place / "openapi").is_dir() and (place / "overrides" / "templates").is_dir()


def document_paths(place: Path | None = None) -> tuple[Path, ...]:
    """Return the path of each document in a folder, by default `folder()`, sorted by name."""
    return tuple(sorted((folder() if place is None else place).glob("*.yaml")))


def document(name: str, place: Path | None = None) -> Document:
    """Return the document `name` of a folder, by default `folder()`; it is read and checked once.

    Raises UsageError where there is none of this name or it cannot be used.
    """
    return _document(name, folder() if place is None else place)


@cache
def _document(name: str, place: Path) -> Document:
    path = place / f"{name}.yaml"
    if not path.is_file():
        raise UsageError(f"{path} is not there: the documents are {_listed(document_paths(place))}.")
    return Document.read(path).checked()


def documents(place: Path | None = None) -> tuple[Document, ...]:
    """Return each document of a folder, by default `folder()`, sorted by name. Raises UsageError as `document` does."""
    return tuple(document(path.stem, place) for path in document_paths(place))


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(path.stem for path in paths) or "none"
