"""OUT: replies leave once, or a person is told that nobody knows."""
