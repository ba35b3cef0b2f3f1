"""What people do, sent to the bot as Slack sends it, and what becomes of the bot's answer."""
