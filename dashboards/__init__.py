"""Grafana's dashboards as JSON, and the alert rules beside them; :mod:`dashboards.build` makes them.

Files, read with :mod:`importlib.resources`: ``*.json`` (one dashboard each), ``alerts/*.yaml``.
"""
