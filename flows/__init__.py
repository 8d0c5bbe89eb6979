"""What touches the world: reads dumps, runs workers, commits to the lake, is scheduled.

`cleaners` does the judging and is pure; nothing in it knows of this package.
"""
