"""What is measured rather than tested: `python -m benchmarks.NAME`, each with a table in docs/benchmarks/."""
