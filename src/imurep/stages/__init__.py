"""The stages of the flow: pure, incremental, and the same whatever the split of their input."""
