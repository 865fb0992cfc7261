"""Time and memory of decoding an upload, by format and size, in the confined process and without it."""
