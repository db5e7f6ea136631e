"""The reader of YAML: what is refused, where each value stands, and any text at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sleeptalk_contract.contract.document import (
    Document,
    document_paths,
)
from sleeptalk_contract.contract.pointer import token
from sleeptalk_contract.contract.usage import UsageError

from .conftest import TOY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


# ---- values and places


@pytest.mark.parametrize("path", document_paths(), ids=lambda path: path.stem)
def test_the_projects_documents_read_as_any_yaml_reader_reads_them(path: Path) -> None:
    read = Document.read(path)
    assert read.value == yaml.safe_load(path.read_text(encoding="utf-8"))
    assert read.flaws == ()
    assert json.loads(json.dumps(read.value)) == read.value


def test_plain_scalars_are_the_values_without_quotes() -> None:
    read = Document.parse("a: on\nb: [1, 'x', 2020-01-01]\nc: |\n  text\n", "lines.yaml")
    found = [(one.text, one.kind, one.line, one.column) for one in read.plain_scalars]
    assert found == [("on", "bool", 1, 4), ("1", "int", 2, 5), ("2020-01-01", "timestamp", 2, 13)]


def test_a_date_is_text_and_a_scalar_may_have_an_alias() -> None:
    assert Document.parse("a: 2020-01-01\nb: &n 7\nc: *n\n", "x.yaml").value == {"a": "2020-01-01", "b": 7, "c": 7}


# ---- what is refused

BROKEN = {
    "a list that ends as a mapping": ("a: 1\nb: [1}", 2, "this is not YAML: "),
    "a tab": ("a: 1\n\tb: 2", 2, "this is not YAML: "),
    "a control character": ("a: 1\nb: \x01", 2, "this is not YAML: "),
    "two documents": ("a: 1\n---\nb: 1\n", 2, "a second document begins here"),
    "a key twice": ("a: 1\nb: 1\na: 2\n", 3, "the key 'a' is given twice"),
    "a key twice, further in": ("a:\n  - {b: 1,\n     b: 2}\n", 3, "the key 'b' is given twice"),
    "a number as key": ("responses:\n  404: {}\n", 2, "the key 404 is not a string to every reader: put it in quotes"),
    "a truth value as key": ("a: 1\non: {}\n", 2, "the key on is not a string"),
    "a date as key": ("a: 1\n2020-01-01: {}\n", 2, "the key 2020-01-01 is not a string"),
    "null as key": ("a: 1\n~: {}\n", 2, "the key ~ is not a string"),
    "an empty key": ("a: 1\n?\n: 1\n", 2, "the key without text is not a string"),
    "an alias of a number as key": ("a: &n 1\n*n : 2\n", 2, "the key 1 is not a string"),
    "a merge": ("a: 1\n<<: {b: 1}\n", 2, "the key << is not a string"),
    "a list as key": ("a: 1\n[b]: 1\n", 2, "a key must be a plain string"),
    "an alias of a mapping": ("a: &x {b: 1}\nc: *x\n", 2, "an alias of a list or mapping: use $ref instead"),
    "an alias of itself": ("a: &x\n  b: *x\n", 2, "an alias of a list or mapping"),
    "an alias of nothing": ("a: 1\nb: *x\n", 2, "this is not YAML: there is no anchor x"),
    "a billion laughs": (
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        2,
        "an alias of a list or mapping",
    ),
    "a tag": ("a: 1\nb: !!python/object:os.system {}\n", 2, "means nothing in JSON"),
    "bytes": ("a: 1\nb: !!binary aGk=\n", 2, "means nothing in JSON"),
    "a number that is none": ("a: 1\nb: !!int x\n", 2, "this is not YAML: invalid literal"),
    "digits without end": (f"a: 1\nb: {'9' * 5000}\n", 2, "this is not YAML: Exceeds the limit"),
    "infinity": ("a: 1\nb: .inf\n", 2, "JSON has no number .inf"),
    "no number": ("a: 1\nb: .nan\n", 2, "JSON has no number .nan"),
    "a number out of range": ("a: 1\nb: 1.0e+999\n", 2, "JSON has no number 1.0e+999"),
    "lists in lists": (f"a: 1\nb: {'[' * 3000}{']' * 3000}", 2, "this is nested too deeply to be read"),
    "mappings in mappings": (f"a: 1\nb: {'{a: ' * 300}1{'}' * 300}", 2, "this is nested too deeply to be read"),
}


@pytest.mark.parametrize(("text", "line", "sentence"), BROKEN.values(), ids=BROKEN.keys())
def test_a_flawed_text_is_refused_with_file_and_line(text: str, line: int, sentence: str) -> None:
    with pytest.raises(UsageError) as raised:
        Document.parse(text, "openapi/x.yaml")
    message = raised.value.message
    assert message.startswith(f"openapi/x.yaml line {line}: ")
    assert sentence in message
    assert message.endswith(".")
    assert "\n" not in message


def test_every_flaw_is_known_to_who_looks_at_a_flawed_document() -> None:
    flawed = Document("a: 1\n404: 1\na: 2\nb: .inf\n", "x.yaml")
    assert [(flaw.line, flaw.column) for flaw in flawed.flaws] == [(2, 1), (3, 1), (4, 4)]
    assert flawed.value == {"a": 2, "404": 1, "b": None}


def test_200_levels_are_read() -> None:
    assert Document("[" * 200 + "]" * 200, "x.yaml").flaws == ()
    assert len(Document("[" * 201 + "]" * 201, "x.yaml").flaws) == 1


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    with pytest.raises(UsageError, match=r"^openapi/x.yaml cannot be read: No such file or directory\.$"):
        Document.read(file, "openapi/x.yaml")
    file.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(UsageError, match=r"x.yaml line 2: this is not UTF-8: byte 8 cannot be decoded\.$"):
        Document.read(file)
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        Document.read(tmp_path)


def test_the_reader_of_python_alone_refuses_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML is built without its C part on some systems."""
    from sleeptalk_contract.contract import yaml_reader

    monkeypatch.setattr(yaml_reader, "_LOADER", yaml.SafeLoader)
    for text, line, _ in BROKEN.values():
        with pytest.raises(UsageError, match=rf"^x.yaml line {line}: "):
            Document.parse(text, "x.yaml")
    with pytest.raises(UsageError, match=r"^x.yaml line 1: this is not YAML: "):
        Document.parse('"\\UFFFFFFFF"', "x.yaml")
    assert Document.parse(TOY, "toy.yaml").value == Document.parse(TOY, "toy.yaml").checked().value


# ---- any text


PIECES = st.sampled_from(
    [
        "a",
        "b: ",
        "- ",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        ": ",
        "? ",
        "&x ",
        "*x ",
        "*x",
        "!!int ",
        "!t ",
        "<<: ",
        "'",
        '"',
        ">-",
        "#",
        "1",
        "-.inf",
        "0x1F",
        "2020-01-01",
        "~",
        "=",
        "1e5",
        "0o7",
        "12:30:45",
        "1_0",
        "$ref: '#/a'",
        "%YAML 1.1",
        "---",
        "...",
        "\ufeff",
        "\u2028",
        "\x85",
        "\x07",
        "😀",
        "\t",
        "\n",
        "|\n",
        "\n- ",
        "\nb: ",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text_is_read_as_json_values_or_refused_with_a_line(text: str) -> None:
    document = Document(text, "x.yaml")
    lines = text.count("\n") + text.count("\x85") + text.count("\u2028") + 1
    assert all(1 <= flaw.line <= lines + 1 and flaw.column >= 1 for flaw in document.flaws)
    if document.flaws:
        with pytest.raises(UsageError, match=r"^x\.yaml line \d+: [^\n]*\.$"):
            Document.parse(text, "x.yaml")
    else:
        assert json.loads(json.dumps(document.value)) == document.value


TEXT = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(JSON)
def test_json_is_read_as_it_is_and_each_of_its_places_is_known(value: Any) -> None:
    document = Document.parse(json.dumps(value, indent=1, ensure_ascii=False), "x.yaml")
    assert document.value == value
    for pointer, found in every(value, ""):
        assert document.follow(pointer) == found
        assert document.place(pointer) != document.place("") or pointer == ""


def every(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    yield pointer, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from every(inner, f"{pointer}/{token(key)}")
