"""Escalation: nobody is forgotten, nobody is nagged. What is planned stands in the database and is done once."""
