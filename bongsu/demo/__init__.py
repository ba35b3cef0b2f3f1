"""The demo: everything real but Slack and Grafana, which the sandbox and a stream of sample alerts stand in for."""
