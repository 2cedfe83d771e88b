"""The limit: the least that could do each work, with nothing kept that the work does not need.

Bare ASGI callables under the same uvicorn: no framework, no identity, no checks. What ours costs above the limit is
what durability, ownership and the protocol cost.
"""
