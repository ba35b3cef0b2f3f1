"""Taking over what another tool has stored: its alerts and incidents, as they were, without telling Slack of them."""
