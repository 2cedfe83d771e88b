"""The terminal client behind ``fastapi-chatkit chat``.

From the wire to the screen, one module a step:

``client``        the package beside this one: operations out, events in, across broken connections
``failures``      its errors, with what a person can do about them
``conversation``  pure reducer: native events -> the items of one thread
``scroll``        pure: what of the conversation can be printed for good, and what still grows
``render``        items -> rich renderables (``markdown`` and ``widgets`` beside it)
``live, plain``   the two screens: a terminal, and a pipe
``session``       one open thread: say, retry, stop, answer what the assistant asks
``commands``      the lines that begin with a slash
``repl``          the loop around all of it

Nothing here imports the server: the client speaks the native dialect to any ChatKit server.
"""
