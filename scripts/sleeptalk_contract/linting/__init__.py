"""Tells whether the documents are good: valid OpenAPI, in the house style, with examples that keep their schemas."""
