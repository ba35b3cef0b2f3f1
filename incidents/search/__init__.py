"""Finding incidents by words: which words they have, and who keeps them."""
