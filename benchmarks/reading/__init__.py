"""The recogniser trained further for writing by hand: its lines, its training, its measure."""
