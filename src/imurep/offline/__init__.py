"""Whole recordings at once: arrays and files."""
