"""Times, tempos, sets and form as text for people."""
