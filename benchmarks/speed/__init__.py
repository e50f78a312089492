"""How fast: beside peers, stage by stage, by option and by size."""
