"""Public benchmark tables and the paper's experiments. Nothing else imports this."""
