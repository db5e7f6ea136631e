"""An SVG stands for itself: readable at its width, in the theme that was asked for, safe whatever a service wrote."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk.drawing import Svg, conversation, hypnogram
from sleeptalk.drawing.layout import letters_at
from sleeptalk.drawing.picture import COLOURS
from sleeptalk.drawing.words import width_of
from sleeptalk.errors import ConfigurationError
from sleeptalk_contract.services.asleep.sandbox.nights import SCENARIOS
from sleeptalk_contract.services.phonexia.sandbox.calls import CALLS
from tests.plot.results import SVG, analysis, drawn, hints, night, texts

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURES: list[Callable[..., Svg]] = [
    *(lambda name=name, **how: hypnogram(night(name, "Asia/Seoul"), **how) for name in SCENARIOS),
    *(lambda name=name, **how: conversation(analysis(name), **how) for name in CALLS if name.startswith("done")),
]
EVERY_PICTURE = pytest.mark.parametrize("picture", PICTURES)
WIDTHS = (240, 390, 640, 800, 1400)


@EVERY_PICTURE
@pytest.mark.parametrize("width", WIDTHS)
def test_all_words_stand_within_the_picture(picture: Callable[..., Svg], width: int) -> None:
    root = drawn(picture(width=width))
    letters = float(root.get("font-size", "0"))
    assert root.get("width") == str(width)
    for text in root.iter(f"{SVG}text"):
        wide = width_of(text.text or "", bold="font-weight" in text.attrib) * letters
        x = float(text.get("x", "nan")) - {"middle": wide / 2, "end": wide}.get(text.get("text-anchor", ""), 0)
        assert x >= -0.1, text.text
        assert x + wide <= width + 0.1, text.text
        assert letters <= float(text.get("y", "nan")) <= float(root.get("height", "nan")), text.text


@EVERY_PICTURE
@pytest.mark.parametrize("width", WIDTHS)
def test_no_word_stands_on_another(picture: Callable[..., Svg], width: int) -> None:
    root = drawn(picture(width=width))
    letters = float(root.get("font-size", "0"))
    places = []
    for text in root.iter(f"{SVG}text"):
        wide = width_of(text.text or "") * letters
        x = float(text.get("x", "nan")) - {"middle": wide / 2, "end": wide}.get(text.get("text-anchor", ""), 0)
        places.append((x, float(text.get("y", "nan")), wide, text.text))
    for number, (x, y, wide, words) in enumerate(places):
        for other_x, other_y, other_wide, other in places[number + 1 :]:
            apart = abs(y - other_y) >= letters * 0.9 or x + wide <= other_x or other_x + other_wide <= x
            assert apart, (words, other)


def test_letters_can_be_read_on_a_phone() -> None:
    assert letters_at(390) >= 12
    shown = letters_at(640) * 374 / 640  # the default on a phone, where the page has a margin
    assert shown >= 9
    assert drawn(hypnogram(night("four-stages"))).get("style") == "max-width:100%;height:auto"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_theme_has_its_own_colours_whatever_the_reader_prefers(theme: Any) -> None:
    for svg in (hypnogram(night("lost-audio"), theme=theme), conversation(analysis("done-stereo"), theme=theme)):
        assert "prefers-color-scheme" not in svg
        used = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', svg))
        assert used <= {shades[theme == "dark"] for shades in COLOURS.values()}
        assert drawn(svg).find(f"{SVG}rect").get("fill") == COLOURS["ground"][theme == "dark"]  # type: ignore[union-attr]


def test_auto_is_light_and_turns_dark_for_those_who_prefer_it() -> None:
    svg = hypnogram(night("lost-audio"), theme="auto")
    light = hypnogram(night("lost-audio"))
    assert texts(svg) == texts(light)
    assert "@media (prefers-color-scheme:dark)" in svg
    identifier = drawn(svg).get("id")
    assert f"#{identifier} .ground{{fill:{COLOURS['ground'][1]}}}" in svg
    coloured = [element for element in drawn(svg).iter() if (element.get("fill") or "").startswith("#")]
    assert all(element.get("class") in COLOURS for element in coloured)


def test_light_is_the_default() -> None:
    assert hypnogram(night("four-stages")) == hypnogram(night("four-stages"), theme="light")
    assert conversation(analysis("done-stereo")) == conversation(analysis("done-stereo"), theme="light")


def test_two_pictures_on_a_page_share_no_id() -> None:
    ids = [
        set(re.findall(r'\bid="([^"]+)"', hypnogram(night("lost-audio", zone), theme=theme, width=width)))
        for zone in ("UTC", "Asia/Seoul")
        for theme in ("light", "dark", "auto")
        for width in (390, 640)
    ]
    assert len(set.union(*ids)) == sum(map(len, ids))


@pytest.mark.parametrize("bad", ["", "black", None])
def test_an_unknown_theme_is_named(bad: Any) -> None:
    with pytest.raises(ConfigurationError, match='theme= takes "light", "dark" or "auto"'):
        hypnogram(night("four-stages"), theme=bad)


@pytest.mark.parametrize("bad", [0, -1, 239.9, 20_001, float("nan"), float("inf"), "390", None])
def test_a_width_in_which_nothing_can_be_read_is_named(bad: Any) -> None:
    with pytest.raises(ConfigurationError, match="width= takes a number from 240 to 20000"):
        conversation(analysis("done-stereo"), width=bad)


def test_what_a_service_wrote_is_text_and_nothing_else() -> None:
    hostile = '</text><script>alert(1)</script>&amp;\x00\x1b[31m\u202e"\ud7ff\ufffe' + "x" * 5000
    svg = hypnogram(night("four-stages", id=hostile, timezone=f"Mars/{hostile}", validity=hostile))
    assert [element.tag for element in drawn(svg).iter() if "script" in element.tag] == []
    assert "<script" not in svg
    assert all(text.isprintable() for text in texts(svg))
    assert max(map(len, texts(svg))) < 200


def test_nothing_is_loaded_and_nothing_runs() -> None:
    for picture in PICTURES:
        svg = picture(theme="auto")
        assert not re.search(r"href|@import|@font-face|src=|\bon[a-z]+=|<script", svg)
        assert set(re.findall(r"url\(([^)]*)", svg)) <= {f"#{drawn(svg).get('id')}-hatch"}
        assert re.findall(r"https?://[^\"]*", svg) == ["http://www.w3.org/2000/svg"]


@EVERY_PICTURE
def test_those_who_cannot_see_it_are_told_what_it_shows(picture: Callable[..., Svg]) -> None:
    root = drawn(picture())
    parts = {element.get("id"): element.text for element in root if element.tag in (f"{SVG}title", f"{SVG}desc")}
    assert root.get("role") == "img"
    assert list(parts) == root.get("aria-labelledby", "").split()
    assert all(parts.values())


def test_a_single_epoch_is_seen_in_the_narrowest_picture() -> None:
    stages = [1] * 2000
    stages[1000], stages[1500] = -1, 3
    svg = hypnogram(night("without-breathing", sleep_stages=stages, end_time=None), width=240)
    seen = {
        title.text: float(box.get("width", "0"))
        for box in drawn(svg).iter(f"{SVG}rect")
        for title in box.iter(f"{SVG}title")
    }
    assert seen["not analysed for 0.5 min"] >= 1
    assert seen["REM for 0.5 min"] >= 1
    assert len(hints(svg)) == 5


def test_the_last_line_of_a_notebook_cell_is_shown_as_a_picture() -> None:
    for svg in (hypnogram(night("four-stages")), conversation(analysis("done-stereo"))):
        assert isinstance(svg, str)
        assert svg._repr_svg_() == svg._repr_html_() == str(svg)
        assert type(svg._repr_svg_()) is str


def test_notebooks_show_a_night_and_a_task_as_svg() -> None:
    from sleeptalk.asleep import Asleep
    from sleeptalk.phonexia import Phonexia
    from sleeptalk_contract.sandbox.server import running
    from sleeptalk_contract.sandbox.web import sandbox_app
    from sleeptalk_contract.services.asleep.sandbox.nights import SANDBOX_API_KEY, SANDBOX_USER_ID
    from sleeptalk_contract.services.registered import SERVICES

    with (
        running(sandbox_app(SERVICES)) as server,
        Asleep(SANDBOX_API_KEY, SANDBOX_USER_ID, base_url=server.url) as asleep,
        Phonexia(server.url) as phonexia,
    ):
        shown = asleep.get_session(SCENARIOS["four-stages"].session_id)
        assert shown._repr_html_() == hypnogram(shown)
        task = phonexia.get_time_analysis(CALLS["done-stereo"].task_id)
        assert task._repr_html_() == conversation(task)
        assert task.result is not None
        assert conversation(task) == conversation(task.result)
        assert "There is no analysis to show." in phonexia.get_time_analysis(CALLS["pending"].task_id)._repr_html_()
