"""The Agents SDK at its limit: its stream behind a FastAPI generator that keeps nothing."""

from collections.abc import AsyncIterator
from typing import Any

from agents import Agent, Model, Runner, Tool
from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from starlette.datastructures import Headers

from benchmarks.limit.frames import closing, frame, opening
from benchmarks.scripted import ScriptedModel
from benchmarks.workload import Script


def application(model: str | Model, *tools: Tool) -> FastAPI:
    """The application of an agent, whose tools get the request's headers as their context."""
    agent = Agent[Headers](
        name="Assistant", instructions="You are a helpful assistant.", model=model, tools=list(tools)
    )
    app = FastAPI()

    @app.post("/chatkit")
    async def chat(request: Request, x_user_id: str | None = Header(default=None)) -> Response:
        if x_user_id is None:
            raise HTTPException(401)
        body: Any = await request.json()
        message = body["params"]["input"]["content"][0]["text"]
        return StreamingResponse(_frames(agent, message, request.headers), media_type="text/event-stream")

    return app


async def _frames(agent: Agent[Headers], message: str, headers: Headers) -> AsyncIterator[bytes]:
    script = Script.parse(message)
    yield opening(script)
    async for event in Runner.run_streamed(agent, message, context=headers).stream_events():
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta":
            yield _delta(event.data.item_id, event.data.delta)
    yield closing(script)


def _delta(item_id: str, delta: str) -> bytes:
    update = {"type": "assistant_message.content_part.text_delta", "content_index": 0, "delta": delta}
    return frame({"type": "thread.item.updated", "item_id": item_id, "update": update})


app = application("gpt-4.1-mini")
scripted = application(ScriptedModel())
