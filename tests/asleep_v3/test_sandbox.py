"""The sandbox of data v3: what it prints can be asked, and what requests change stays changed."""

from __future__ import annotations

import shlex

import httpx

from sleeptalk_contract.commands.sandbox import introduction
from sleeptalk_contract.sandbox.server import running
from sleeptalk_contract.sandbox.web import application
from sleeptalk_contract.services.asleep_v3.sandbox.application import AsleepV3Provider

from .conversation import TARGET


def asked(line: str) -> httpx.Response:
    """Ask what a command line of curl asks."""
    words = iter(shlex.split(line)[1:])
    method, url, body, headers = "", "", "", {}
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words)
        else:
            url = word
    return httpx.request(method or "GET", url, headers=headers, content=body or None, trust_env=False)


def test_each_operation_is_introduced_by_a_line_that_works() -> None:
    for user in ("", "somebody-else"):
        provider = AsleepV3Provider({"x-user-id": user} if user else {})
        with running(application([provider])) as server:
            lines = list(introduction(TARGET, server.url, provider.credentials, {}))
            commands = [line.strip() for line in lines if line.strip().startswith("curl ")]
            answers = [asked(command) for command in commands]
        assert len(commands) == len(TARGET.operations)
        assert [answer.status_code for answer in answers] == [200, 200, 200, 201, 200, 204, 204, 204]
        assert [answer.json()["result"] for answer in answers[:3] if not answer.json()["result"]] == []
