"""The simulated sensor: a person who trains, the IMU strapped to them, and the truth about both.

``simulate`` shows the way on one page: workout -> motion -> imu -> measure ->
clock -> packets -> link -> recording. ``serve`` has the same person and part
behind firmware that can be connected to: wearer -> firmware -> peripheral ->
radio. Nothing here shares code with ``imurep``, only the documents of the wire
format, of recordings and of truth files: a mistake cannot hide on both sides.
docs/explanation/simulator.md tells what it models and what it does not.
"""
