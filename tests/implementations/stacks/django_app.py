"""All three parts with Django in one file, served by the server behind `runserver`; with `asgi`, by uvicorn.

With `stock`, its addresses end in a slash, as in Django's tutorial.
"""

import hmac
import sys
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import django
import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from tests.implementations.stacks import records
from tests.implementations.stacks.listening import listening

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="not a secret",
    LOGGING_CONFIG=None,
    MIDDLEWARE=[  # of those that `startproject` writes, the ones that need no database
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
)
django.setup()
SLASH = "/" if "stock" in sys.argv else ""
TIMEZONES = available_timezones()


def with_key(view: Any) -> Any:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **names: Any) -> HttpResponse:
        if not hmac.compare_digest(request.headers.get("x-api-key", "").encode(), records.API_KEY.encode()):
            return JsonResponse({"detail": records.NO_KEY}, status=401)
        answer: HttpResponse = view(request, *args, **names)
        return answer

    return checked


@require_safe
@with_key
def session(request: HttpRequest, session_id: str) -> HttpResponse:
    user_id = request.headers.get("x-user-id")
    if not user_id:
        return JsonResponse({"detail": records.NO_USER}, status=422)
    timezone = request.headers.get("timezone", "UTC")
    if timezone not in TIMEZONES:
        return JsonResponse({"detail": records.BAD_TIMEZONE}, status=400)
    if not records.SESSION_ID.fullmatch(session_id):
        return JsonResponse({"detail": records.malformed(session_id)}, status=422)
    night = records.night_of(session_id, user_id, ZoneInfo(timezone))
    if night is None:
        return JsonResponse({"detail": records.not_found(session_id)}, status=404)
    return JsonResponse(night)


@require_safe
def task(request: HttpRequest, task_id: str) -> HttpResponse:
    if not records.TASK_ID.fullmatch(task_id):
        return JsonResponse(records.bad_task_id(), status=422)
    found = records.task_of(task_id)
    return JsonResponse(records.no_task(task_id), status=404) if found is None else JsonResponse(found)


@csrf_exempt
@require_POST
@with_key
def callback(request: HttpRequest) -> HttpResponse:
    try:
        value = records.read_json(request.body)
    except ValueError:
        return JsonResponse({"detail": "The body is not JSON"}, status=400)
    if not records.is_callback(value):
        return JsonResponse({"detail": "The body is not a callback"}, status=422)
    return HttpResponse(status=204)


urlpatterns = [
    path(f"data/v2/sessions/<str:session_id>{SLASH}", session),
    path(f"api/technology/time-analysis/<str:task_id>{SLASH}", task),
    path(f"callback{SLASH}", callback),
]


class Quiet(WSGIRequestHandler):
    """Logs nothing, and sends head and body of an answer without waiting for the client in between."""

    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its own name
        pass


if __name__ == "__main__":
    if "asgi" in sys.argv:
        with listening() as listener:
            print(listener.getsockname()[1], flush=True)  # noqa: T201  # the one who starts it reads it
            config = uvicorn.Config(get_asgi_application(), log_level="critical", lifespan="off")
            uvicorn.Server(config).run(sockets=[listener])
    else:
        server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
        server.set_app(get_wsgi_application())
        print(server.server_port, flush=True)  # noqa: T201  # the one who starts it reads it
        server.serve_forever()
