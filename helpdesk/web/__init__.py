"""The web process: pages and forms over the rooms below."""
