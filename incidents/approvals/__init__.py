"""A second person: what somebody wants to close waits until another confirms it."""
