"""A client of the REST API, as the command line uses it: over HTTP alone, from any machine."""
