"""This program beside what a user would do instead: read the whole page and search the text."""
