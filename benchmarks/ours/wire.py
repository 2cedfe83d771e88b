"""Ours with an agent of the Agents SDK whose model is on the other side of OpenAI's client.

It has no titles made, which would be another call of the model for each new thread.
"""

from fastapi import FastAPI

from fastapi_chatkit import ChatKit
from fastapi_chatkit.agents.openai_agents import OpenAIAgent

app = FastAPI()
chat = ChatKit(app, agent=OpenAIAgent(model="gpt-4.1-mini", api="responses"))
