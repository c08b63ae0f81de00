"""LOOK: photos and scans of identity cards, read on this machine when the extra is there."""
