"""Where the published measurements are, for tests that compare with them."""
