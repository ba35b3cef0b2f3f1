"""Reading another tool's tables of alerts and incidents, whatever their columns are called."""
