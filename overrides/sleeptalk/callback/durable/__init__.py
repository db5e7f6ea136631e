"""A receiver that loses no callback and handles none twice: store, answer, then handle.

`application` answers each callback once its store has it; a store (`sqlite` or `postgres`) keeps it, knows it again,
and its worker hands it to the handler, in order within a session (`handling`). `stores` opens one from its address.
"""
