"""Tenants: organisations that share one Bongsu and see nothing of each other."""
