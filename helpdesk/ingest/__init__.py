"""IN: a channel's bytes become a message in a ticket."""
