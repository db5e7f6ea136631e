"""Generation of the typed clients in `generated/` from the documents in `openapi/` and the templates in `overrides/`.

`parsing` gives a document to openapi-python-client's parser; `models` and `operations` turn what it found into what the
templates print, with the table of `overrides`; `rendering` fills the templates, `text` escapes what they print, and
`tree` compares and writes the files.
"""
