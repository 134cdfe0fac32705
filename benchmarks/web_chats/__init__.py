"""A program in which many people have a web chat open: ``python -m benchmarks.web_chats``, in a process of its own."""
