"""The LSTM: its module, its recurrence, and what compiles it."""
