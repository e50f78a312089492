"""Many texts through a pipeline: where they come from, the loop, and the formats they go to."""
