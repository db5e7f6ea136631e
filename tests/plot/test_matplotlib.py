"""matplotlib draws what SVG draws: the same lanes, bars, words and moments."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from sleeptalk import plot
from sleeptalk.drawing import conversation, hypnogram
from sleeptalk.drawing.nights import night_picture
from sleeptalk.drawing.picture import COLOURS
from sleeptalk.errors import ConfigurationError
from tests.plot.results import analysis, hints, needs_matplotlib, night, texts

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure


def words(figure: Figure) -> set[str]:
    """Return all that is written in a figure."""
    from matplotlib.text import Text

    return {text.get_text() for text in figure.findobj(Text)}


@needs_matplotlib
@pytest.mark.parametrize("name", ["four-stages", "two-stages", "lost-audio", "invalid", "open-without-real-time"])
def test_a_night_has_the_same_lanes_bars_and_words(name: str) -> None:
    figure = plot.hypnogram(night(name))
    [axes] = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        lane.name for lane in night_picture(night(name)).lanes
    ]
    assert len(axes.collections) == len(hints(hypnogram(night(name))))
    assert set(texts(hypnogram(night(name)))) <= words(figure)


@needs_matplotlib
def test_a_conversation_has_the_same_lanes_bars_and_words() -> None:
    figure = plot.conversation(analysis("done-stereo"))
    [axes] = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Channel 0", "Channel 1"]
    assert len(axes.collections) == len(hints(conversation(analysis("done-stereo")))) + 2  # a bar for each lane
    assert set(texts(conversation(analysis("done-stereo")))) <= words(figure)


@needs_matplotlib
@pytest.mark.parametrize(
    ("name", "timezone"), [("autumn-clock-change", "Europe/Berlin"), ("spring-clock-change", "America/New_York")]
)
def test_a_night_of_a_clock_change_is_as_long_as_it_was_and_has_all_ticks(name: str, timezone: str) -> None:
    [axes] = plot.hypnogram(night(name, timezone), width=1400).axes
    assert axes.get_xlim() == (0, 420)
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == [label for _, label in night_picture(night(name, timezone)).ticks]


@needs_matplotlib
def test_epochs_that_were_not_analysed_are_hatched() -> None:
    [axes] = plot.hypnogram(night("lost-audio")).axes
    hatched = [bars for bars in axes.collections if bars.get_hatch()]
    assert len(hatched) == len([hint for hint in hints(hypnogram(night("lost-audio"))) if "not analysed" in hint])


@needs_matplotlib
def test_axes_of_the_user_are_drawn_on() -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 8))
    axes, other = figure.subplots(2)
    assert plot.hypnogram(night("four-stages"), axes=axes) is figure
    assert axes.collections
    assert not other.collections


@needs_matplotlib
def test_theme_and_width_are_those_of_the_figure(tmp_path: Path) -> None:
    figure = plot.hypnogram(night("lost-audio"), theme="dark", width=390)
    assert figure.get_figwidth() == pytest.approx(390 / 72)
    from matplotlib.colors import to_hex

    assert to_hex(figure.get_facecolor()) == COLOURS["ground"][1]
    for name in ("night.png", "night.pdf", "night.svg"):
        figure.savefig(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 1000


@needs_matplotlib
def test_dollars_are_not_mathematics(tmp_path: Path) -> None:
    plot.hypnogram(night("four-stages", id=r"$\frac{", validity="$^$")).savefig(tmp_path / "night.png")


@needs_matplotlib
def test_unknown_themes_and_widths_are_named() -> None:
    bad: Any = "auto"
    with pytest.raises(ConfigurationError, match='theme= takes "light" or "dark"'):
        plot.hypnogram(night("four-stages"), theme=bad)
    with pytest.raises(ConfigurationError, match="width= takes a number"):
        plot.conversation(analysis("done-stereo"), width=0)


def test_without_matplotlib_the_error_names_the_extra_and_svg_goes_on_working() -> None:
    program = (
        "import sys; sys.modules['matplotlib'] = None; sys.modules['matplotlib.figure'] = None\n"
        "from sleeptalk import errors, plot\n"
        "from sleeptalk.drawing import conversation\n"
        "from tests.plot.results import analysis\n"
        "assert conversation(analysis('done-stereo')).startswith('<svg')\n"
        "try:\n"
        "    plot.conversation(analysis('done-stereo'))\n"
        "except errors.ConfigurationError as error:\n"
        "    print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert run.stdout == 'Drawing needs matplotlib: pip install "sleeptalk[plot]".\n', run.stderr


@needs_matplotlib
@pytest.mark.parametrize("width", [240, 390, 640, 1400])
@pytest.mark.parametrize("name", ["four-stages", "two-stages", "lost-audio", "invalid", "open-with-real-time"])
def test_all_words_stand_within_the_figure(name: str, width: int) -> None:
    from matplotlib.text import Text

    figure = plot.hypnogram(night(name), width=width)
    figure.draw_without_rendering()
    edges = figure.bbox
    for text in figure.findobj(Text):
        if text.get_text() and text.get_visible():
            place = text.get_window_extent()
            assert edges.x0 - 1 <= place.x0 <= place.x1 <= edges.x1 + 1, text.get_text()
            assert edges.y0 - 1 <= place.y0 <= place.y1 <= edges.y1 + 1, text.get_text()


@needs_matplotlib
def test_the_names_of_lanes_stand_apart_on_small_axes() -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 7), layout="constrained")
    for axes in figure.subplots(2, 2).ravel():
        plot.hypnogram(night("four-stages"), axes=axes)
    figure.draw_without_rendering()
    for axes in figure.axes:
        places = [label.get_window_extent() for label in axes.get_yticklabels()]
        assert all(upper.y0 >= lower.y1 for upper, lower in pairwise(places))
