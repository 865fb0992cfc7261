"""Fuzzing of everything that reads an upload: `python -m fuzz --seconds 60 [TARGET...]`."""
