"""Whole scans: how many good ones pass, and whether any bad one does."""
