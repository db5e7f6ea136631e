"""Django's settings are one for a process, and it needs some before anything: each test overrides what it needs."""

import django
from django.conf import settings


def configure() -> None:
    if not settings.configured:
        settings.configure(SECRET_KEY="-", LOGGING_CONFIG=None)
        django.setup()
