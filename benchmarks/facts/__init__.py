"""New facts judged again from what was seen."""
