"""How right: trainings over seeds, what options give, and how far probabilities can be trusted."""
