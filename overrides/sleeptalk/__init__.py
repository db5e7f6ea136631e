"""Sleeptalk: typed clients for Asleep's sleep API and Phonexia's Time Analysis.

Import what you need from `sleeptalk.asleep`, `sleeptalk.phonexia`, `sleeptalk.callback` and `sleeptalk.errors`.
"""

__version__ = "0.1.0"
