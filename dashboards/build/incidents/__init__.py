"""*Incident management (SRE)*, row by row."""
