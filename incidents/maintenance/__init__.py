"""Maintenance: for a while alerts are stored and incidents open as ever, and nobody is paged for them."""
