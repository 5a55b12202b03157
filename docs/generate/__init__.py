"""Programs that write reference documents from the source."""
