"""What a set was and how well it was done: exercise, form, straight line."""
