"""Ways in which an Asleep, its sender and its receivers break one rule each."""
