"""``make attacks``: hostile inputs, through the product's own doors, and what each of them costs.

A *room* is one kind of input: a data file beside this one, whose lines are entries (`entries`), and the way they go in
(``rooms``). A *place* is a process that has to withstand them (`places`). What was measured (`measuring`) is held
against bounds (`verdict`) and printed (`report`).
"""
