"""`python -m scanservice`."""

from scanservice.cli import main

if __name__ == "__main__":
    main()
