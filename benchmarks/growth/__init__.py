"""What a database of many scans costs each further one."""
