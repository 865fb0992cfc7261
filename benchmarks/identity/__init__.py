"""Which papers are taken for the form: the form itself, its neighbours, copies of it, and anything else."""
