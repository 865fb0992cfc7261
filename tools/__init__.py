"""Programs for whoever works on the project; nothing of the service imports them."""
