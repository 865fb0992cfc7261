"""Many uploads at once, and what the queue itself costs."""
