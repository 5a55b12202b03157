"""How times, tempos, sets and form are written for people."""
