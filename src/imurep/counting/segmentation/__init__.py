"""The motion is cut into movements, reps and sets."""
