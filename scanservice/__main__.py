"""`python -m scanservice`."""

from scanservice.cli import main

main()
