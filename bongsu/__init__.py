"""Bongsu: Grafana alerts become incidents that a team handles inside Slack."""

__version__ = "0.1.0"
