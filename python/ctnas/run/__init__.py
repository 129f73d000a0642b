"""A whole run: from images or labels to a ranking, in one directory."""
