"""SAY: what a participant is told, who may be told what, and who allowed it."""
