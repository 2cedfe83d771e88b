"""Ours with an agent of the Agents SDK and the tools of an MCP server."""

import os

from agents import Agent
from fastapi import FastAPI

from benchmarks.scripted import ToolCallingModel
from fastapi_chatkit import ChatKit
from fastapi_chatkit.agents.mcp import MCPServer, MCPTools
from fastapi_chatkit.agents.openai_agents import OpenAIAgent

app = FastAPI()
chat = ChatKit(
    app,
    agent=OpenAIAgent(
        Agent(name="Assistant", instructions="You are a helpful assistant.", model=ToolCallingModel()),
        mcp=MCPTools([MCPServer(name="benchmark", url=os.environ["MCP_SERVER_URL"])]),
    ),
)
