"""Why no incident? What came in and what became of it, in words for a terminal and as JSON for machines. Pure."""
