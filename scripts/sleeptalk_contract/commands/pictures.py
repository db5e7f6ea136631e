"""Redraw the pictures of the README: `python -m sleeptalk_contract.commands.pictures FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from sleeptalk_contract.services.registered import SERVICES


def write(folder: Path) -> None:
    """Write each picture of each service into `folder` as a file of its own. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for picture in (picture for service in SERVICES for picture in service.pictures()):
        (folder / f"{picture.name}.svg").write_text(f"{picture.svg}\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
