"""The simulated sensor, to come: motion, IMU, clock, packets, radio, GATT peripheral.

It has its own encoder and shares no code with ``imurep``, only the documents
of the wire format: a mistake cannot hide on both sides.
"""
