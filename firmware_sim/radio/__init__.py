"""A radio: the simulated air, controllers, and sensors as GATT servers on it."""
