"""Words: names, titles, places, talk."""
