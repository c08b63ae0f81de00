"""Building a generation of the registry: from rows of a file to tables that are only read."""
