"""What one check costs, and where the time goes."""
