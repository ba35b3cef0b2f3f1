"""A leaf that every room may import: the JSON codec (``codec``), durations as people write them (``durations``)."""
