"""The pictures that README shows are what the code draws now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sleeptalk_contract.services.registered import SERVICES

if TYPE_CHECKING:
    from sleeptalk_contract.contract.service import Picture

PICTURES = [picture for service in SERVICES for picture in service.pictures()]
DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_up_to_date(picture: Picture) -> None:
    written = (DOCS / f"{picture.name}.svg").read_text(encoding="utf-8")
    assert written == f"{picture.svg}\n", "run scripts/pictures"
