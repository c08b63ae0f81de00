"""Lists of people: tables, pasted sheets, numbered blocks, lists side by side."""
