"""A second version of the kettle, with a document and a catalogue of its own; all else is that of the first."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import kettle  # type: ignore[import-not-found]  # beside this file, in the temporary folder

DOCUMENT: Final = Path(__file__).parent / "openapi" / "kettle-v2.yaml"

SERVICE: Final = replace(
    kettle.SERVICE,
    name="kettle-v2",
    module=__name__,
    document=DOCUMENT,
    targets=tuple(
        replace(
            target,
            name=f"{target.name}-v2",
            document=DOCUMENT,
            implementation=partial(target.implementation, file=DOCUMENT),
        )
        for target in kettle.SERVICE.targets
    ),
)
