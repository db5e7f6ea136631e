"""One folder per service: all that the engine is not told by a document."""
