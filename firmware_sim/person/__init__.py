"""A person who moves: exercises, sets, everything between them, and the truth about it."""
