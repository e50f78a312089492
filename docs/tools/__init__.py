"""What writes and builds the documentation; none of it is part of the installed package."""
