"""The whole generated tree as texts in memory: nothing is written here, so nothing is left half-written."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import jinja2

from sleeptalk_contract.contract.usage import UsageError, one_line
from sleeptalk_contract.generation import model_views, operation_views, operations
from sleeptalk_contract.generation.overrides import Overrides
from sleeptalk_contract.generation.parsing import parse, validate
from sleeptalk_contract.generation.preparation import prepare
from sleeptalk_contract.generation.text import docstring, import_block, literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sleeptalk_contract.generation.source import Source

SHARED: Final = ("__init__", "client", "decoding", "errors", "operation", "request", "types")
"""The modules that all services share, each from the template of its name."""


@dataclass(frozen=True, slots=True)
class Service:
    """One sub-package to generate, and the document it comes from."""

    package: str
    source: Source


def render(services: Sequence[Service], templates: Path, overrides: Overrides | None = None) -> dict[str, str]:
    """Render all files of the package `sleeptalk_generated`.

    `overrides` are the generated parts that handwritten ones replace, and know afterwards which entries were used.
    Returns: paths below the package ("asleep/models/stat.py") with their texts, sorted.
    Raises UsageError where a document or a template cannot be used; the sentence names the place.
    """
    environment = _environment(templates)
    names = ", ".join(service.source.name for service in services)
    files = {f"{name}.py": _text(environment, f"{name}.py.jinja", source=names) for name in SHARED}
    files["py.typed"] = ""
    for service in services:
        for path, text in _service(environment, service, overrides or Overrides()).items():
            files[f"{service.package}/{path}"] = text
    for path, text in files.items():
        _see_that_it_is_python(path, text)
    return dict(sorted(files.items()))


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
        raise UsageError(f"{where} is no template: {one_line(error.message or '')}.") from error
    except jinja2.TemplateError as error:
        raise UsageError(f"overrides/templates/{template} fails: {one_line(error.message or '')}.") from error


def _service(environment: jinja2.Environment, service: Service, overrides: Overrides) -> dict[str, str]:
    source = service.source
    validate(source)
    prepared = prepare(source)
    data, endpoints = parse(source, prepared)
    models = model_views.models(source, prepared, data, endpoints)
    found = operations.operation_views(source, prepared, endpoints, service.package, overrides)
    shown: dict[str, Any] = {"source": source.name}
    about, server = _about(source.document), _server(source.document)
    files = {"__init__.py": _text(environment, "package_init.py.jinja", about=about, server=server, **shown)}
    files["models/__init__.py"] = _text(environment, "models_init.py.jinja", models=models, **shown)
    if found:
        files["client.py"] = _text(
            environment,
            "methods.py.jinja",
            operations=found,
            methods_class=operations.methods_class(service.package),
            imports=operations.client_imports(found),
            **shown,
        )
    simple = operation_views.operation_views(source, prepared, endpoints)
    files["api/__init__.py"] = _text(environment, "api_init.py.jinja", operations=simple, **shown)
    for model in models:
        path = f"models/{model.module}.py"
        if path in files:
            raise source.refusal("/components/schemas", f"two schemas would both be written to {path}.")
        files[path] = _text(environment, f"{model.template}.py.jinja", model=model, **shown)
    for operation in simple:
        text = _text(environment, "endpoint_module.py.jinja", operation=operation, **shown)
        files[f"api/{operation.name}.py"] = text
    return files


def _about(document: Mapping[str, Any]) -> str:
    """Say in a line what the document describes."""
    information = document.get("info") or {}
    return f"{information.get('title')}: {information.get('summary') or 'requests in `api`, bodies in `models`.'}"


def _server(document: Mapping[str, Any]) -> str | None:
    """Give the address of the first server, its variables filled with their defaults; None without servers."""
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
