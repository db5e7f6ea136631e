"""Samples of each operation in four languages: calls, or for a webhook the servers that receive it."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sleeptalk_contract.reference.calls import Value, call_of, credentials_of

if TYPE_CHECKING:
    from sleeptalk_contract.contract.operation import Operation
    from sleeptalk_contract.reference.calls import Call
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
    lines = [f"curl {_shell(*call.address)}", "--fail-with-body"]
    if call.method not in {"GET", "POST"} or (call.method == "POST" and call.body is None and not call.files):
        lines.append(f"--request {call.method}")
    lines += [f"--header {_shell(Value(f'{name}: '), value)}" for name, value in call.headers.items()]
    lines += [f"--form {shlex.quote(f'{name}=@{file}')}" for name, file in (call.files or {}).items()]
    if call.body is not None:
        lines.append(f"--json {shlex.quote(call.body)}")
    return " \\\n  ".join(lines)


def javascript(call: Call) -> str:
    """Return a call with fetch, as Node and browsers have it; keys come from the environment."""
    options = [] if call.method == "GET" else [f'  method: "{call.method}",']
    headers = [f"    {_text(name)}: {_javascript(value)}," for name, value in call.headers.items()]
    before = ""
    if call.files:
        before = 'import { openAsBlob } from "node:fs";\n\nconst form = new FormData();\n'
        before += "".join(
            f"form.append({_text(name)}, await openAsBlob({_text(file)}), {_text(file)});\n"
            for name, file in call.files.items()
        )
        options.append("  body: form,")
    if call.body is not None:
        headers.append('    "content-type": "application/json",')
        options.append(f"  body: JSON.stringify({_indented(call.body, '  ')}),")
    if headers:
        options.append("\n".join(["  headers: {", *headers, "  },"]))
    arguments = "".join([", {\n", "\n".join(options), "\n}"]) if options else ""
    return (
        f"{before}const response = await fetch({_javascript(*call.address)}{arguments});\n"
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
                f"\tfile, err := os.ReadFile({_text(file)})\n{_GO_CHECK}"
                f"\tpart, err := parts.CreateFormFile({_text(name)}, {_text(file)})\n{_GO_CHECK}"
                "\tpart.Write(file)\n"
            )
        before += "\tparts.Close()\n"
        body = "&form"
    elif call.body is not None:
        imports |= {"strings"}
        written = _text(call.body) if "`" in call.body else f"`{call.body}`"
        before, body = f"\tbody := strings.NewReader({written})\n", "body"
    headers = [f"\trequest.Header.Set({_text(name)}, {_go(value)})\n" for name, value in call.headers.items()]
    if call.files:
        headers.append('\trequest.Header.Set("content-type", parts.FormDataContentType())\n')
    elif call.body is not None:
        headers.append('\trequest.Header.Set("content-type", "application/json")\n')
    if any(value.variable for value in (*call.address, *call.headers.values())):
        imports.add("os")
    return (
        f"package main\n\nimport (\n{''.join(f'{chr(9)}{json.dumps(name)}{chr(10)}' for name in sorted(imports))})\n\n"
        f"func main() {{\n{before}"
        f'\trequest, err := http.NewRequest("{call.method}", {_go(*call.address)}, {body})\n'
        f"{_GO_CHECK}{''.join(headers)}"
        f"\tresponse, err := http.DefaultClient.Do(request)\n{_GO_CHECK}"
        "\tdefer response.Body.Close()\n"
        f"\ttext, err := io.ReadAll(response.Body)\n{_GO_CHECK}"
        "\tif response.StatusCode >= 300 {\n"
        '\t\tlog.Fatalf("%s: %s", response.Status, text)\n'
        "\t}\n"
        "\tfmt.Println(string(text))\n"
        "}"
    )


def _shell(*pieces: Value) -> str:
    """Return pieces as one word of a POSIX shell, in which only our own variables are expanded."""
    written = ""
    for at, each in enumerate(pieces):
        if each.variable:
            follows = "".join(later.text for later in pieces[at + 1 :])
            written += f"${{{each.variable}}}" if re.match(r"\w", follows) else f"${each.variable}"
        else:
            written += re.sub(r'([\\"$`])', r"\\\1", each.text).replace("!", "\"'!'\"")
    return f'"{written}"'


def _javascript(*pieces: Value) -> str:
    """Return pieces as an expression of JavaScript."""
    if not any(each.variable for each in pieces):
        return _text("".join(each.text for each in pieces))
    if len(pieces) == 1:
        return f"process.env.{pieces[0].variable}"
    written = [
        f"${{process.env.{each.variable}}}" if each.variable else re.sub(r"([\\`]|\$(?=\{))", r"\\\1", each.text)
        for each in pieces
    ]
    return f"`{''.join(written)}`"


def _go(*pieces: Value) -> str:
    """Return pieces as an expression of Go, without spaces around `+`, as gofmt has it among arguments."""
    merged: list[Value] = []
    for each in pieces:
        if merged and not each.variable and not merged[-1].variable:
            merged[-1] = Value(merged[-1].text + each.text)
        else:
            merged.append(each)
    return "+".join(f'os.Getenv("{each.variable}")' if each.variable else _text(each.text) for each in merged)


def _text(text: str) -> str:
    """Return a string as JavaScript and Go write it: as JSON, with letters of all scripts as they are."""
    return json.dumps(text, ensure_ascii=False)


def _indented(text: str, indent: str) -> str:
    """Return JSON as a JavaScript object: names that need no quotes have none, and later lines are indented."""
    bare = re.sub(r'^(\s*)"([A-Za-z_]\w*)":', r"\1\2:", text, flags=re.MULTILINE)
    return bare.replace("\n", f"\n{indent}")


# ---- servers for webhooks


def javascript_receiver(header: str, variable: str) -> str:
    """Return a server of Node that takes a webhook; without a header no key is looked at."""
    crypto = 'import { createHash, timingSafeEqual } from "node:crypto";\n'
    given = (
        f'const key = process.env.{variable};\nif (!key) throw new Error("{variable} is not set");\n\n'
        'const digest = (text) => createHash("sha256").update(text).digest();\n'
    )
    check = (
        f'  if (!timingSafeEqual(digest(request.headers[{_text(header)}] ?? ""), digest(key))) {{\n'
        "    response.writeHead(401).end();\n"
        "    return;\n"
        "  }\n"
    )
    return (
        f"{crypto if header else ''}"
        f'import {{ createServer }} from "node:http";\n\n{given if header else ""}'
        'const utf8 = new TextDecoder("utf-8", { fatal: true });\n\n'
        "createServer(async (request, response) => {\n"
        f"{check if header else ''}"
        "  let event;\n"
        "  try {\n"
        "    const parts = [];\n"
        "    for await (const part of request) parts.push(part);\n"
        "    event = JSON.parse(utf8.decode(Buffer.concat(parts)));\n"
        '    if (Object(event) !== event || Array.isArray(event)) throw new TypeError("not an object");\n'
        "  } catch {\n"
        "    response.writeHead(400).end();\n"
        "    return;\n"
        "  }\n"
        "  console.log(event); // keep it before you answer: it may come again\n"
        "  response.writeHead(204).end();\n"
        "}).listen(8766);"
    )


def go_receiver(header: str, variable: str) -> str:
    """Return a server of net/http that takes a webhook; without a header no key is looked at."""
    given = f'\tkey := os.Getenv("{variable}")\n\tif key == "" {{\n\t\tlog.Fatal("{variable} is not set")\n\t}}\n'
    check = (
        f'\t\tgiven := strings.Join(request.Header.Values({_text(header)}), ", ")\n'
        "\t\tif subtle.ConstantTimeCompare([]byte(given), []byte(key)) != 1 {\n"
        "\t\t\tresponse.WriteHeader(http.StatusUnauthorized)\n"
        "\t\t\treturn\n"
        "\t\t}\n"
    )
    of_key = ["crypto/subtle", "os", "strings"] if header else []
    imports = sorted({"encoding/json", "io", "log", "net/http", "unicode/utf8", *of_key})
    return (
        f"package main\n\nimport (\n{''.join(f'{chr(9)}{json.dumps(name)}{chr(10)}' for name in imports)})\n\n"
        f"func main() {{\n{given if header else ''}"
        '\thttp.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {\n'
        f"{check if header else ''}"
        "\t\tvar event map[string]any\n"
        "\t\tbody, err := io.ReadAll(request.Body)\n"
        "\t\tif err != nil || !utf8.Valid(body) || json.Unmarshal(body, &event) != nil || event == nil {\n"
        "\t\t\tresponse.WriteHeader(http.StatusBadRequest)\n"
        "\t\t\treturn\n"
        "\t\t}\n"
        "\t\tlog.Println(event) // keep it before you answer: it may come again\n"
        "\t\tresponse.WriteHeader(http.StatusNoContent)\n"
        "\t})\n"
        '\tlog.Fatal(http.ListenAndServe(":8766", nil))\n'
        "}"
    )
