"""What serves a Python object in a process of its own: the standard library alone."""
