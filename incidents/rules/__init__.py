"""One decision, one file, one test beside its name. Each is pure and returns a named reason or value."""
