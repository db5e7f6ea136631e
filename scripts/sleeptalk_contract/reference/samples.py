"""Samples of each operation in four languages: calls, or for a webhook the servers that receive it."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.reference.calls import call_of, credentials_of

if TYPE_CHECKING:
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.reference.calls import Call, Value
    from sleeptalk_contract.reference.published import Published


_GO_CHECK: Final = "\tif err != nil {\n\t\tlog.Fatal(err)\n\t}\n"


@dataclass(frozen=True, slots=True)
class Sample:
    """A program: the label of its language, the language as Pygments knows it, and its text."""

    label: str
    language: str
    text: str


def samples(part: Published, operation: Operation) -> tuple[Sample, ...]:
    """Return the samples of an operation; the one of the service's own client where the service has one."""
    call = call_of(part, operation)
    made = [Sample("curl", "bash", curl(call))]
    snippet = part.service.snippets.get(operation.id)
    if snippet is not None:
        made.append(Sample("Python", "python", snippet.rstrip()))
    if operation.is_webhook:
        key = next((each for each in credentials_of(part, operation) if each.secret), None)
        header, variable = ("", "") if key is None else (key.header, key.variable)
        made.append(Sample("JavaScript", "javascript", javascript_receiver(header, variable)))
        made.append(Sample("Go", "go", go_receiver(header, variable)))
    else:
        made.append(Sample("JavaScript", "javascript", javascript(call)))
        made.append(Sample("Go", "go", go(call)))
    return tuple(made)


# ---- calls


def curl(call: Call) -> str:
    """Return a call as a command of curl."""
    address = call.address("${}".format)
    lines = [f'curl "{address}"', "--fail-with-body"]
    if call.method not in {"GET", "POST"} or (call.method == "POST" and call.body is None and not call.files):
        lines.append(f"--request {call.method}")
    lines += [f'--header "{name}: {_shell(value)}"' for name, value in call.headers.items()]
    lines += [f"--form {name}=@{file}" for name, file in (call.files or {}).items()]
    if call.body is not None:
        lines.append(f"--json {shlex.quote(call.body)}")
    return " \\\n  ".join(lines)


def javascript(call: Call) -> str:
    """Return a call with fetch, as Node and browsers have it; keys come from the environment."""
    tick = call.address("${{process.env.{}}}".format)
    address = f"`{tick}`" if "${" in tick else json.dumps(tick)
    options = [] if call.method == "GET" else [f'  method: "{call.method}",']
    headers = [f"    {json.dumps(name)}: {_javascript(value)}," for name, value in call.headers.items()]
    before = ""
    if call.files:
        before = 'import { openAsBlob } from "node:fs";\n\nconst form = new FormData();\n'
        before += "".join(
            f'form.append("{name}", await openAsBlob("{file}"), "{file}");\n' for name, file in call.files.items()
        )
        options.append("  body: form,")
    if call.body is not None:
        headers.append('    "content-type": "application/json",')
        options.append(f"  body: JSON.stringify({_indented(call.body, '  ')}),")
    if headers:
        options.append("\n".join(["  headers: {", *headers, "  },"]))
    arguments = "".join(["{\n", "\n".join(options), "\n}"]) if options else ""
    return (
        f"{before}const response = await fetch({address}{', ' if arguments else ''}{arguments});\n"
        "if (!response.ok) {\n"
        "  throw new Error(`${response.status}: ${await response.text()}`);\n"
        "}\n"
        "console.log(await response.text());"
    )


def go(call: Call) -> str:
    """Return a call with net/http; keys come from the environment."""
    imports = {"fmt", "io", "log", "net/http"}
    before, body = "", "nil"
    if call.files:
        imports |= {"bytes", "mime/multipart", "os"}
        before = "\tvar form bytes.Buffer\n\tparts := multipart.NewWriter(&form)\n"
        for name, file in call.files.items():
            before += (
                f'\tfile, err := os.ReadFile("{file}")\n{_GO_CHECK}'
                f'\tpart, err := parts.CreateFormFile("{name}", "{file}")\n{_GO_CHECK}'
                "\tpart.Write(file)\n"
            )
        before += "\tparts.Close()\n"
        body = "&form"
    elif call.body is not None:
        imports |= {"strings"}
        before, body = f"\tbody := strings.NewReader(`{call.body}`)\n", "body"
    headers = [f'\trequest.Header.Set("{name}", {_go(value)})\n' for name, value in call.headers.items()]
    if call.files:
        headers.append('\trequest.Header.Set("content-type", parts.FormDataContentType())\n')
    elif call.body is not None:
        headers.append('\trequest.Header.Set("content-type", "application/json")\n')
    address = call.address('" + os.Getenv("{}") + "'.format)
    written = f'"{address}"'.removesuffix(' + ""')
    if "os.Getenv" in written or any("os.Getenv" in line for line in headers):
        imports.add("os")
    return (
        f"package main\n\nimport (\n{''.join(f'{chr(9)}{json.dumps(name)}{chr(10)}' for name in sorted(imports))})\n\n"
        f"func main() {{\n{before}"
        f'\trequest, err := http.NewRequest("{call.method}", {written}, {body})\n'
        f"{_GO_CHECK}{''.join(headers)}"
        f"\tresponse, err := http.DefaultClient.Do(request)\n{_GO_CHECK}"
        "\tdefer response.Body.Close()\n"
        f"\ttext, err := io.ReadAll(response.Body)\n{_GO_CHECK}"
        "\tfmt.Println(response.Status, string(text))\n"
        "}"
    )


def _shell(value: Value) -> str:
    return f"${value.variable}" if value.variable else value.text


def _javascript(value: Value) -> str:
    return f"process.env.{value.variable}" if value.variable else json.dumps(value.text)


def _go(value: Value) -> str:
    return f'os.Getenv("{value.variable}")' if value.variable else json.dumps(value.text)


def _indented(text: str, indent: str) -> str:
    """Return JSON as a JavaScript object: names that need no quotes have none, and later lines are indented."""
    bare = re.sub(r'^(\s*)"([A-Za-z_]\w*)":', r"\1\2:", text, flags=re.MULTILINE)
    return bare.replace("\n", f"\n{indent}")


# ---- servers for webhooks


def javascript_receiver(header: str, variable: str) -> str:
    """Return a server of Node that takes a webhook; without a header no key is looked at."""
    given = f'const key = process.env.{variable};\nif (!key) throw new Error("{variable} is not set");\n\n'
    check = (
        f'  if (request.headers["{header}"] !== key) {{\n    response.writeHead(401).end();\n    return;\n  }}\n'
        if header
        else ""
    )
    return (
        f'import {{ createServer }} from "node:http";\n\n{given if header else ""}'
        "createServer(async (request, response) => {\n"
        f"{check}"
        "  try {\n"
        '    let text = "";\n'
        '    request.setEncoding("utf8");\n'
        "    for await (const part of request) text += part;\n"
        "    console.log(JSON.parse(text)); // keep it before you answer: it may come again\n"
        "    response.writeHead(204).end();\n"
        "  } catch {\n"
        "    response.writeHead(400).end();\n"
        "  }\n"
        "}).listen(8766);"
    )


def go_receiver(header: str, variable: str) -> str:
    """Return a server of net/http that takes a webhook; without a header no key is looked at."""
    given = f'\tkey := os.Getenv("{variable}")\n\tif key == "" {{\n\t\tlog.Fatal("{variable} is not set")\n\t}}\n'
    check = (
        f'\t\tif request.Header.Get("{header}") != key {{\n'
        "\t\t\tresponse.WriteHeader(http.StatusUnauthorized)\n"
        "\t\t\treturn\n"
        "\t\t}\n"
        if header
        else ""
    )
    imports = sorted({"encoding/json", "log", "net/http", *(["os"] if header else [])})
    return (
        f"package main\n\nimport (\n{''.join(f'{chr(9)}{json.dumps(name)}{chr(10)}' for name in imports)})\n\n"
        f"func main() {{\n{given if header else ''}"
        '\thttp.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {\n'
        f"{check}"
        "\t\tvar event map[string]any\n"
        "\t\tif err := json.NewDecoder(request.Body).Decode(&event); err != nil {\n"
        "\t\t\tresponse.WriteHeader(http.StatusBadRequest)\n"
        "\t\t\treturn\n"
        "\t\t}\n"
        "\t\tlog.Println(event) // keep it before you answer: it may come again\n"
        "\t\tresponse.WriteHeader(http.StatusNoContent)\n"
        "\t})\n"
        '\tlog.Fatal(http.ListenAndServe(":8766", nil))\n'
        "}"
    )
