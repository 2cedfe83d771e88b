"""Ours with an agent of the Agents SDK whose model is in the process."""

from agents import Agent
from fastapi import FastAPI

from benchmarks.scripted import ScriptedModel
from fastapi_chatkit import ChatKit
from fastapi_chatkit.agents.openai_agents import OpenAIAgent

app = FastAPI()
chat = ChatKit(
    app,
    agent=OpenAIAgent(Agent(name="Assistant", instructions="You are a helpful assistant.", model=ScriptedModel())),
)
