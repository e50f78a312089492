"""The linear-chain CRF: its scores, its recursions, and what compiles them."""
