"""A leaf that every room may import: the JSON codec (``codec``)."""
