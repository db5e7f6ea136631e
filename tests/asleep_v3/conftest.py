"""What the tests of data v3 share."""

from tests.clients.conftest import clock

__all__ = ["clock"]
