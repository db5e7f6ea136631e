"""A plugin of pytest that gives the tests one HTTP library for everything, as `scripts/test-http` uses it.

Where both libraries are installed, the clients' own connections are httpx2's, and the tests inject httpx's. With
`HTTP_LIBRARY=httpx`, httpx2 cannot be imported; with `HTTP_LIBRARY=httpx2`, it is what `import httpx` returns.
"""

import os
import sys
from typing import Any

match os.environ["HTTP_LIBRARY"]:
    case "httpx":
        hidden: Any = None
        sys.modules["httpx2"] = hidden
    case "httpx2":
        import httpx2

        httpx2.alias_httpx()
    case unknown:
        raise ValueError(unknown)
