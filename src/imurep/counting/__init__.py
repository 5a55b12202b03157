"""The pure core: packets of one session become reps and sets. ``pipeline`` shows the flow."""
