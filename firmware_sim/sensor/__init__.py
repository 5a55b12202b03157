"""A sensor that measures: inertial physics, clocks, samples, packets, firmware."""
