"""Pictures of nights and conversations as SVG text, without any other package.

    from sleeptalk.drawing import conversation, hypnogram

    svg = hypnogram(night)

Notebooks show them for nights and tasks automatically. `sleeptalk.plot` draws the same with matplotlib: `nights` and
`conversations` lay out a `Picture`, which `svg` and `sleeptalk.plot` only draw.
"""

from sleeptalk.drawing.conversations import Analysed, conversation_picture
from sleeptalk.drawing.nights import Recorded, night_picture
from sleeptalk.drawing.svg import as_svg

__all__ = ["conversation", "hypnogram"]


def __dir__() -> list[str]:
    return __all__


def hypnogram(night: Recorded) -> str:
    """Draw the sleep stages of a night.

    - `night`: a Night, or the data of a SESSION_COMPLETE callback.

    Returns an `<svg>` element. Lanes run from wake (top) to deep sleep, or wake and sleep in a two-stage contract;
    epochs that could not be analysed (-1) are left grey; unstable breathing has its own strip, absent without
    breathing analysis. Times are those of the session's zone. Source: Get Single Session, 2.1.3, 2.1.4.
    """
    return as_svg(night_picture(night))


def conversation(analysis: Analysed) -> str:
    """Draw a time analysis.

    - `analysis`: a TimeAnalysisResult, or a TimeAnalysisTask that is done.

    Returns an `<svg>` element. Each channel has a lane as long as the recording (seconds), with the share of speech,
    the slowest and the fastest reaction at their positions, and crosstalk in the lane of the channel that began second.
    Positions that end before they start, as in a printed sample, are drawn the other way round.
    Source: Time Analysis: get result, 200.
    """
    return as_svg(conversation_picture(analysis))
