"""Constants of units."""

GRAVITY_MS2 = 9.80665
"""Standard gravity, 1 g (3rd CGPM, 1901)."""
