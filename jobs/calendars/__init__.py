"""Schedules from iCalendar: fetched now and then, read in a process of its own, kept in the database."""
