"""Texts for people, kept apart from code."""
