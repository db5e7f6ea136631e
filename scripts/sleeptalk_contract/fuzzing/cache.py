"""Where Hypothesis keeps tables that take a moment to make: its place by default is the folder that the user is in."""

import os
import tempfile
from pathlib import Path

from hypothesis.configuration import set_hypothesis_home_dir


def use_cache_folder() -> None:
    """Let this process keep them in the user's cache folder; without a home in the temporary folder."""
    try:
        root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        root = Path(tempfile.gettempdir())
    set_hypothesis_home_dir(root / "sleeptalk" / "hypothesis")
