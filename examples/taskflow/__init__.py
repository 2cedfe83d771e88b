"""TaskFlow: tasks for a team, kept by a REST API, worked on by people and by an agent with the same rights.

Copy this folder to begin an application of your own: it imports nothing from beside itself but installed packages.

Half of it is ``offline/``, the stand-in for a model, which need not be read. To understand it read these first, in
this order (lines of each):

1. ``domain/rules.py`` (95): what may become of a task.
2. ``domain/tasks.py`` (180): the transactions that do it.
3. ``api.py`` (135): the REST API over them; ``identity.py`` (50): whose token it is.
4. ``mcp_tools.py`` (175): the tools for agents, which call the API as the user.
5. ``agent.py`` (150): the agent that has these tools; ``context.py`` (70): what a message is about.
6. ``widgets/__init__.py`` (60): what tools' answers look like.
7. ``actions.py`` (130): what the buttons do; ``moves.py`` (40): which there are.
8. ``chat.py`` (80): the chat's server; ``app.py`` (150): all of it in one process, or in three.

The rest of it, by what it is for:

- ``settings``: what can be set; ``main``: the application with settings.
- ``page``, ``static/``: the page, a board beside the chat, without a build; ``dev_token``: a token for it.
- ``domain/``: also the tables, the audit log, the limits of fields; it knows nothing of HTTP.
- ``place``, ``route``, ``sentences``: who calls the API in which project, and how it says no.
- ``mcp_server``, ``mcp_arguments``, ``tool_names``: how the tools are served and described; ``client``: how they call.
- ``payloads``: what buttons send; ``markdown``: how a title is quoted.

An application that always has a model needs no stand-in. Delete ``offline/``, and in ``agent.py`` every line that says
"offline" and the property ``label``.
"""
