"""Figures, each beside a baseline of the same run. Everything stays on this machine and stops by itself."""
