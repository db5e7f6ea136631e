"""Generation of the typed clients in `generated/` from the documents in `openapi/` and the templates in `overrides/`.

Reading a document (`source`), giving it to openapi-python-client's parser (`preparation`, `parsing`), turning what the
parser found into what the templates print (`annotations`, `views`, `rendering`), writing it (`tree`, `lock`).
"""
