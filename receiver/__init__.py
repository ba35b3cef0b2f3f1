"""The way in over HTTP: webhooks (``intake``), health and metrics. ``app.add_routes`` is the one door."""
