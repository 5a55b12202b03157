"""One time axis: stamps, counters and arrivals become evenly timed blocks of samples, and gaps."""
