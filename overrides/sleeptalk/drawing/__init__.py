"""Pictures of nights and conversations as SVG, without any other package.

    from pathlib import Path

    from sleeptalk.drawing import conversation, hypnogram

    Path("night.svg").write_text(hypnogram(night), encoding="utf-8")

Notebooks show them, and nights and tasks, as pictures. `sleeptalk.plot` draws the same with matplotlib: `nights` and
`conversations` make a `Picture`, `layout` finds a place for everything in it, and `svg` and `sleeptalk.plot` only draw.
"""

from sleeptalk.asleep.recording import Recorded
from sleeptalk.drawing.conversations import Analysed, conversation_picture
from sleeptalk.drawing.layout import WIDTH, Theme
from sleeptalk.drawing.nights import night_picture
from sleeptalk.drawing.svg import Svg, as_svg

__all__ = ["Svg", "Theme", "conversation", "hypnogram"]


def __dir__() -> list[str]:
    return __all__


def hypnogram(night: Recorded, *, theme: Theme = "light", width: float = WIDTH) -> Svg:
    """Draw the sleep stages of a night.

    - `night`: a Night, or a SESSION_COMPLETE callback, its data or its sleep data, of any version. Any that
      decodes can be drawn.
    - `theme`: "light" or "dark" ground; "auto" follows the reader's colour scheme.
    - `width`: in pixels, from 240 to 20,000. Letters have 12 to 16, and words are wrapped to the width: 390 is for a
      phone. Where there is less room than that, the picture is shown smaller.

    Returns an `<svg>` element, a str. Lanes are W, REM, N1+N2 and N3, or W and Sleep where no stage of sleep is told
    apart. Epochs that were not analysed (-1), values that are not documented, and what was recorded without a value are
    hatched. Breathing is beneath, absent without breathing analysis. Dashed lines are lights out and on (the ends of
    the recording), sleep onset and final wake. Times are those of the session's zone; a callback does not name its
    zone, and keeps the offset of its start. Figures are those of the statistics, REM % the share of `time_in_sleep`;
    "-" is a statistic that is None, and a night without statistics has no figures. Raises ConfigurationError for what
    is not a night, and for an unknown theme or width. Source: Get Single Session, 2.1.
    """
    return as_svg(night_picture(night), theme=theme, width=width)


def conversation(analysis: Analysed, *, theme: Theme = "light", width: float = WIDTH) -> Svg:
    """Draw a time analysis.

    - `analysis`: a TimeAnalysisResult, or a TimeAnalysisTask; one without a result has nothing but a sentence.
    - `theme`, `width`: as in `hypnogram`.

    Returns an `<svg>` element, a str. Each channel has a lane as long as the recording (seconds), with the share of
    speech, the slowest and the fastest reaction at their positions, and crosstalk in the lane of the channel that began
    second. Positions that end before they start, as in a printed sample, are drawn the other way round. Raises
    ConfigurationError for an unknown theme or width. Source: Time Analysis: get result, 200.
    """
    return as_svg(conversation_picture(analysis), theme=theme, width=width)
