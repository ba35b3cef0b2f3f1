"""What Slack shows, as pure functions: domain values in, Block Kit out. Nothing here asks a database or a clock."""
