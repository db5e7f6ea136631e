"""Check the documents: valid OpenAPI, in the house style, with examples that match their schemas."""
