"""The least that a project could do with Django and Celery to answer a message: the yardstick of the benchmarks.

It has the processes of the demo project. The webhook is an empty view with one INSERT and one publish. The task is one
transaction (SELECT FOR UPDATE of the chat, SELECT of the update, ten patterns of `re`, a template, two UPDATEs) and one
POST. It checks no secret, keeps no order, tries nothing again and loses what was being done when a process ends.
"""
