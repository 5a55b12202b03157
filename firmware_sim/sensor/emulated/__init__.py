"""Sensors of other makers, as far as their protocols are known; each has an encoder of its own.

What they do is put together from published descriptions and captures, not from
hardware: docs/reference/sensors/ lists what is not known.
"""
