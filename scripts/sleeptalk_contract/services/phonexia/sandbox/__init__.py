"""The sandbox's Phonexia: calls, and the analysis of their speech."""
