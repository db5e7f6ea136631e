"""Judges the callbacks that an implementation really sends: it takes them in the place of a receiver."""
