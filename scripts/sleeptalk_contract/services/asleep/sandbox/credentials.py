"""The credentials that the sandbox knows. They are public and open nothing outside it."""

from collections.abc import Mapping
from types import MappingProxyType

SANDBOX_API_KEY = "sandbox-api-key"
"""What the sandbox expects in `x-api-key`, and sends with its callbacks."""

SANDBOX_USER_ID = "G-20220821093117-SandboxUserSleeptalk"
"""The user that every night of the sandbox belongs to: `G-`, 14 digits, `-`, 20 letters, as Asleep writes them."""

SANDBOX_CREDENTIALS: Mapping[str, str] = MappingProxyType({"x-api-key": SANDBOX_API_KEY, "x-user-id": SANDBOX_USER_ID})
"""Both by header."""
