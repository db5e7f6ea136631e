"""Ways in which a Time Analysis breaks one rule each."""
