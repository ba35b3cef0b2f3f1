"""The queries, one file per noun. Each class implements one port over the tenant gate."""
