"""Heartbeats: what is expected to be heard of again and again, and whose silence opens an incident."""
