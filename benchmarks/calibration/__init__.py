"""Where the judge's tables and thresholds come from."""
