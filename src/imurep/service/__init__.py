"""The service: it connects sources, counting, log, broker and page."""
