"""Phonexia: the result of a Time Analysis."""
