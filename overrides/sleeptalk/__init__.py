"""Sleeptalk: typed clients for Asleep's sleep API and Phonexia's Time Analysis, and a receiver of Asleep's callbacks.

- `sleeptalk.asleep_v3`: read nights, lists and averages of Asleep's data v3, and manage users. `Asleep`, `AsyncAsleep`,
  `parse`, `why_null`, `epochs`, `statistics_row`.
- `sleeptalk.asleep`: read nights of data v2. `Asleep`, `AsyncAsleep`, `parse`, `why_null`, `epochs`, `statistics_row`.
- `sleeptalk.phonexia`: read time analyses of calls. `Phonexia`, `AsyncPhonexia`, `parse`.
- `sleeptalk.callback`: receive Asleep's callbacks. `parse`, `asgi`, `inbox`.
- `sleeptalk.recording`: record requests and their answers, for `sleeptalk judge`. `Recorder`.
- `sleeptalk.errors`: every error, in one tree.
- `sleeptalk.drawing`: nights and calls as SVG. `sleeptalk.plot`: the same with matplotlib.

`sleeptalk.__version__` is the version. The command `sleeptalk`, with which implementations are judged, comes with the
extra: `pip install "sleeptalk[contract]"`.
"""

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = ["__version__", "asleep", "asleep_v3", "callback", "drawing", "errors", "phonexia", "plot", "recording"]


def __dir__() -> list[str]:
    return __all__


if not TYPE_CHECKING:  # a type checker knows the modules, and would take every other name for one

    def __getattr__(name: str) -> object:
        """Import a module of the package when it is first named: `import sleeptalk` is enough to look around."""
        if name in __all__:
            return importlib.import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
