"""Bytes to pages: what a file is, PDF, pictures, limits, the sandbox."""
