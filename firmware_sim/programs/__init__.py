"""The programs: ``record`` and ``serve``, with their options."""
