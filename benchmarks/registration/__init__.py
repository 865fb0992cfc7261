"""Where the program puts the form's regions against where they are, beside two usual recipes."""
