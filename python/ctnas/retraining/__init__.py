"""One architecture as a network of its own, trained from scratch (appendix D)."""
