"""TaskFlow: tasks for a team, kept by a REST API, worked on by people and by an agent with the same rights.

Copy this folder to begin an application of your own: it imports nothing from beside itself but installed packages.

- ``settings``: what can be set; ``app``: the applications that can be run.
- ``domain/``: the rules, the tables and the transactions; knows nothing of HTTP.
- ``api``: the REST API over the domain; ``identity``: whose token that is; ``dev_token``: a token for the local page.
- ``chat``: the chat's server; ``agent``: its agent, ``context``: what a message is about; ``offline/``: what answers
  where no model is set; ``widgets/``: what tools' answers look like, ``actions``: what their buttons do.
- ``mcp_server``, ``mcp_tools``, ``mcp_arguments``: the tools for agents, calling the API as the user;
  ``client``: how they call.
"""
