"""Exports of social inboxes: from the file a platform hands out to messages of conversations."""
