"""Results as the tables and figures of the README and of docs."""
