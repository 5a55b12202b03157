"""Packets in the order of their samples, and events that stay right when samples arrive late."""
