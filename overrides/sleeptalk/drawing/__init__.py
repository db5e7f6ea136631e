"""Pictures of nights and conversations as SVG text, without any further package.

    from sleeptalk.drawing import conversation, hypnogram

    svg = hypnogram(night)

Notebooks show them for a night and a task by themselves. `sleeptalk.plot` draws the same with matplotlib.
"""

from sleeptalk.drawing.conversation import conversation
from sleeptalk.drawing.hypnogram import hypnogram

__all__ = ["conversation", "hypnogram"]
