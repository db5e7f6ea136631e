"""Builds the API reference: a folder of pages that work from a disk, with the network closed."""
