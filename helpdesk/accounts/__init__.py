"""The people inside: accounts, sessions and the trail they leave."""
