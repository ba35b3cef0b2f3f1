"""``/incident``: what it understands (parse), what it does (run), and what it answers. Answers are ephemeral."""
