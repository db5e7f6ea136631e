"""The sandbox's Asleep as applications of Flask, Django and Starlette, asked by the test client of each.

Each application answers as the sandbox does, but for what its `Change` makes of the answer.
"""

import gzip
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import flask
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client, override_settings
from django.urls import path
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import Response as StarletteResponse
from starlette.routing import Route

from sleeptalk_contract.sandbox.answers import Answer, Request
from sleeptalk_contract.services.asleep.sandbox.application import AsleepProvider
from tests.django_settings import configure

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it prefers another version of httpx
    from starlette.testclient import TestClient

TEMPLATE = "/data/v2/sessions/"

Change = Callable[[Answer], Answer]
Ask = Callable[[str, Mapping[str, str]], Any]
"""Asks an application for a session with headers, and returns the answer as its test client does."""


def unchanged(answer: Answer) -> Answer:
    return answer


def zipped(answer: Answer) -> Answer:
    answer.body = gzip.compress(answer.content)
    answer.headers["content-encoding"] = "gzip"
    return answer


def answered(identifier: str, headers: Mapping[str, str], change: Change) -> Answer:
    request = Request(
        implementation=AsleepProvider(),
        method="GET",
        path="",
        path_parameters={"session_id": identifier},
        headers={name.lower(): value for name, value in headers.items()},
    )
    return change(request.honest_answer())


def ask_flask(change: Change = unchanged) -> Ask:
    app = flask.Flask("stand-in")

    @app.get(f"{TEMPLATE}<session_id>")
    def session(session_id: str) -> flask.Response:
        answer = answered(session_id, dict(flask.request.headers), change)
        return flask.Response(answer.content, answer.status, answer.headers)

    return lambda identifier, headers: app.test_client().get(f"{TEMPLATE}{identifier}", headers=headers)


def ask_starlette(change: Change = unchanged) -> Ask:
    async def session(request: StarletteRequest) -> StarletteResponse:
        answer = answered(request.path_params["session_id"], request.headers, change)
        return StarletteResponse(answer.content, answer.status, answer.headers)

    app = Starlette(routes=[Route(f"{TEMPLATE}{{session_id}}", session)])
    return lambda identifier, headers: TestClient(app).get(f"{TEMPLATE}{identifier}", headers=headers)


class Urls:
    """A configuration of Django's addresses; it takes anything with `urlpatterns` for a module."""

    def __init__(self, change: Change, *, streaming: bool) -> None:
        def session(request: HttpRequest, session_id: str) -> HttpResponse | StreamingHttpResponse:
            answer = answered(session_id, request.headers, change)
            if streaming:
                return StreamingHttpResponse(iter([answer.content]), status=answer.status, headers=answer.headers)
            return HttpResponse(answer.content, status=answer.status, headers=answer.headers)

        self.urlpatterns = [path(f"{TEMPLATE[1:]}<str:session_id>", session)]


def ask_django(change: Change = unchanged, *, streaming: bool = False) -> Ask:
    configure()

    def ask(identifier: str, headers: Mapping[str, str]) -> Any:
        with override_settings(ROOT_URLCONF=Urls(change, streaming=streaming), ALLOWED_HOSTS=["testserver"]):
            return Client().get(f"{TEMPLATE}{identifier}", headers=headers)

    return ask


async def ask_django_async(identifier: str, headers: Mapping[str, str]) -> Any:
    ask_django()
    with override_settings(ROOT_URLCONF=Urls(unchanged, streaming=False), ALLOWED_HOSTS=["testserver"]):
        return await AsyncClient().get(f"{TEMPLATE}{identifier}", headers=headers)
