"""What counting costs, as ratios to the bare orientation filter measured in the same run.

``python -m tests.benchmarks`` prints them (``make bench``). No time is asserted anywhere: machines differ.
"""
