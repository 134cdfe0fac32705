"""``make bench`` as a program: no test asserts what it measures."""
