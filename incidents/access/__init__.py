"""Who may use the REST API and the webhooks, and how far: keys, which belong to a tenant."""
