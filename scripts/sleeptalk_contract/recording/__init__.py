"""Judge traffic that was recorded: exchanges as files have them, whose they are, and what rules they keep or break."""
