"""Build the API reference: a folder of pages that work from disk, without a network."""
