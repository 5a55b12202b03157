"""The simulated sensor: a person who trains, the IMU strapped to them, and the truth about both.

``person`` moves, ``sensor`` measures, ``radio`` transmits, ``programs`` put them
together; each knows only those before it. ``programs.simulate`` shows the way to
a recording on one page. ``programs.serve`` runs the same person and IMU behind
firmware that can be connected to. Nothing here shares code with ``imurep``, only
the documents of the packet format, of recordings and of truth files: a mistake
cannot hide on both sides. docs/explanation/simulator.md describes what is
modelled and what is not.
"""
