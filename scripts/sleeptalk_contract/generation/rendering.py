"""The whole generated tree as texts in memory: nothing is written here, so nothing is left half-written."""

from __future__ import annotations

import ast
import keyword
import re
from typing import TYPE_CHECKING, Any, Final

import jinja2

from sleeptalk_contract.contract.usage import UsageError, one_line
from sleeptalk_contract.generation.models import models, null_fields
from sleeptalk_contract.generation.operations import client_imports, methods_class, operation_views
from sleeptalk_contract.generation.overrides import OverrideTable
from sleeptalk_contract.generation.parsing import parse
from sleeptalk_contract.generation.text import docstring, import_block, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sleeptalk_contract.contract.document import Document

SHARED: Final = ("__init__", "decoding", "encoding", "operation", "types")
"""The modules that all documents share, each from the template of its name."""


def render(documents: Sequence[Document], templates: Path, overrides: OverrideTable | None = None) -> dict[str, str]:
    """Return all files of the package `sleeptalk_generated`: paths below it ("asleep/models/stat.py") with their texts.

    `overrides` are the generated parts that handwritten ones replace, and know afterwards which entries were used.
    Raises UsageError where a document or a template cannot be used; the sentence names the place.
    """
    environment = _environment(templates)
    labels = ", ".join(document.label for document in documents)
    files = {f"{name}.py": _text(environment, f"{name}.py.jinja", source=labels) for name in SHARED}
    files["py.typed"] = ""
    packages: dict[str, Document] = {}
    for document in documents:
        package = package_of(document)
        if package in packages:
            raise UsageError(
                f"{packages[package].label} and {document.label} would both become the package {package}: rename one."
            )
        packages[package] = document
        for path, text in _package(environment, package, document.checked(), overrides or OverrideTable()).items():
            files[f"{package}/{path}"] = text
    for path, text in files.items():
        _see_that_it_is_python(path, text)
    return dict(sorted(files.items()))


def package_of(document: Document) -> str:
    """Return the name of a document's package: its own as an identifier. Raises UsageError where that is not one."""
    package = re.sub(r"\W", "_", document.name.lower())
    if not (package.isascii() and package.isidentifier()) or keyword.iskeyword(package) or package in SHARED:
        raise UsageError(f"{document.label}: {package!r} cannot be the name of a package: rename the file.")
    return package


def _environment(templates: Path) -> jinja2.Environment:
    environment = jinja2.Environment(  # noqa: S701  # the output is Python; HTML escapes would break it
        loader=jinja2.FileSystemLoader(templates),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "docstring": docstring,
        "import_block": import_block,
        "literal": literal,
        "one_line": one_line,
    }
    return environment


def _text(environment: jinja2.Environment, template: str, **values: Any) -> str:
    try:
        return environment.get_template(template).render(**values)
    except jinja2.TemplateNotFound as error:
        raise UsageError(f"overrides/templates/{error.name} is missing.") from error
    except jinja2.TemplateSyntaxError as error:
        where = f"overrides/templates/{error.name} line {error.lineno}"
        raise UsageError(f"{where} is not a template: {one_line(error.message or '')}.") from error
    except jinja2.TemplateError as error:
        raise UsageError(f"overrides/templates/{template} fails: {one_line(error.message or '')}.") from error


def _package(
    environment: jinja2.Environment, package: str, document: Document, overrides: OverrideTable
) -> dict[str, str]:
    parsed = parse(document)
    classes, operations, nulls = models(parsed), operation_views(parsed, package, overrides), null_fields(document)

    def text(template: str, **values: Any) -> str:
        return _text(environment, f"{template}.py.jinja", source=document.label, **values)

    files = {"__init__.py": text("package_init", about=_about(document.root), server=_server(document.root))}
    files["models/__init__.py"] = text("models_init", models=classes)
    if operations:
        files["client.py"] = text(
            "client",
            service=document.name,
            operations=operations,
            methods_class=methods_class(package),
            title=one_line(str(document.root["info"]["title"])),
            imports=client_imports(operations),
        )
    if nulls:
        files["nulls.py"] = text("nulls", nulls=nulls)
    for model in classes:
        path = f"models/{model.module}.py"
        if path in files:
            raise document.refusal("/components/schemas", f"two schemas would both be written to {path}.")
        files[path] = text(model.template, model=model)
    return files


def _about(document: Mapping[str, Any]) -> str:
    """Return in one line what the document describes."""
    information = document.get("info") or {}
    return f"{information.get('title')}: {information.get('summary') or 'methods in `client`, bodies in `models`.'}"


def _server(document: Mapping[str, Any]) -> str | None:
    """Return the address of the first server, its variables filled with their defaults; None without servers."""
    for server in document.get("servers") or []:
        address = str(server.get("url", ""))
        for name, variable in (server.get("variables") or {}).items():
            address = address.replace(f"{{{name}}}", str(variable.get("default", "")))
        return address
    return None


def _see_that_it_is_python(path: str, text: str) -> None:
    try:
        if path.endswith(".py"):
            ast.parse(text)
    except (SyntaxError, ValueError) as error:
        where = f"{path} line {getattr(error, 'lineno', 1)}"
        raise UsageError(f"{where} would not be Python ({error}): its template must escape a text.") from error
