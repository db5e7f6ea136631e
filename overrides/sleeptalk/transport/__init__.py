"""How a request is sent: deadlines, retries, limits and redirects. Clients use it; users do not import it.

Everything but the waiting is written once, without a socket in sight: `Call` makes the requests of one call and judges
what comes of them, `repeating` decides when to try or to look again. `blocking` and `waiting` are the two thin shells
that do the waiting, for sync and async.
"""
