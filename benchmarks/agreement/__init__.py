"""How often the judge agrees with wrong texts, and refuses right ones."""
