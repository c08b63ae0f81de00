"""Is a number asked for at all?"""
