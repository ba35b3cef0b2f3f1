"""The audit log: who changed what, from where, and a chain of hashes by which a later edit is found."""
