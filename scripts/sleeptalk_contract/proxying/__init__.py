"""Pass traffic on as it comes, and judge a copy of it in a process of its own."""
