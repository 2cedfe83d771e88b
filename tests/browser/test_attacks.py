"""What an attacker writes, wherever a server can put it: nothing runs, loads, leads away or breaks the rest."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.chat import Chat
from tests.browser.conftest import Contexts, Visit
from tests.browser.watch import Watch
from tests.support.node import exported

NOW = "2026-01-01T00:00:00Z"
ATTACK = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
SCHEMES = ["http:", "https:", "mailto:", "tel:", "chatkit-link:"]

HARM = """
schemes => {
  const harm = [];
  const look = root => {
    for (const element of root.querySelectorAll("*")) {
      const { localName: name } = element;
      if (/^(script|iframe|object|embed|link|base|meta|foreignobject|style)$/i.test(name)) harm.push(name);
      for (const { name: attribute } of element.attributes)
        if (/^on|^srcdoc$|^formaction$|^ping$/i.test(attribute)) harm.push(`${name} ${attribute}`);
      if (/url\\(|expression|javascript|@import/i.test(element.getAttribute("style"))) harm.push(element.style.cssText);
      if (element.href && !schemes.includes(new URL(element.href, location.href).protocol)) harm.push(element.href);
      if (name === "form" && element.getAttribute("action") !== null) harm.push("form action");
      if (element.shadowRoot) look(element.shadowRoot);
    }
  };
  look(document.querySelector("openai-chatkit").shadowRoot);
  return harm;
}
"""


def item(number: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"id": f"itm_{number}", "thread_id": "thr_1", "created_at": NOW, "type": kind, **more}


def answer(number: int, text: str, annotations: Any = ()) -> dict[str, Any]:
    content = {"type": "output_text", "text": text, "annotations": list(annotations)}
    return item(number, "assistant_message", content=[content])


class Shown:
    """Opens a thread that has these items."""

    def __init__(self, visit: Visit, contexts: Contexts) -> None:
        self._visit = visit
        self._contexts = contexts
        self.dialogs: list[str] = []
        self.pages = 0

    async def open(self, items: list[dict[str, Any]], *, title: str = "A thread", **options: Any) -> Chat:
        thread = {
            "id": "thr_1",
            "title": title,
            "created_at": NOW,
            "status": {"type": "active"},
            "allowed_image_domains": [],
            "items": {"data": items, "has_more": False},
        }
        replies = {
            "items.list": {**thread["items"], "data": items[::-1]},
            "threads.list": {"data": [thread], "has_more": False},
        }

        async def reply(route: Route) -> None:
            operation = json.loads(route.request.post_data or "{}")
            await route.fulfill(json=replies.get(operation.get("type"), thread))

        context = await self._contexts()
        context.on("page", self._opened)
        await context.route("**/shown", reply)
        return await self._visit(endpoint="/shown", thread="thr_1", context=context, options=options)

    def _opened(self, page: Page) -> None:
        self.pages += 1
        page.on("dialog", self._dialog)

    async def _dialog(self, dialog: Any) -> None:
        self.dialogs.append(dialog.message)
        await dialog.dismiss()

    async def check(self, chat: Chat) -> None:
        """Nothing of an attack has come through."""
        assert await chat.page.evaluate(HARM, SCHEMES) == []
        assert self.dialogs == []
        assert self.pages == 1
        assert "/page" in chat.page.url


@pytest.fixture
def shown(visit: Visit, contexts: Contexts) -> Shown:
    return Shown(visit, contexts)


async def until_all_is_drawn(chat: Chat) -> None:
    await expect(chat.log).to_contain_text("The end.")
    await chat.page.wait_for_load_state("networkidle")
    await chat.page.wait_for_timeout(200)


async def test_harm_would_be_noticed(shown: Shown, watch: Watch) -> None:
    chat = await shown.open([answer(1, "The end.")])
    await until_all_is_drawn(chat)
    await chat.page.evaluate("""
      () => {
        const root = document.querySelector("openai-chatkit").shadowRoot;
        const link = Object.assign(document.createElement("a"), { href: "javascript:alert(1)" });
        const button = document.createElement("button");
        button.setAttribute("onclick", "");
        button.style.background = "url(x.png)";
        root.append(link, button, document.createElement("iframe"));
      }
    """)
    assert len(await chat.page.evaluate(HARM, SCHEMES)) == 4
    await chat.page.evaluate("setTimeout(() => alert(1))")
    await chat.page.wait_for_timeout(100)
    assert shown.dialogs == ["1"]
    assert "script-src-attr" in watch.broken[0]
    watch.broken.clear()


async def test_markdown(shown: Shown) -> None:
    payloads: list[str] = exported("tests/markdown/payloads.ts", "m.payloads")
    texts = [text for payload in payloads for text in (payload, f"- {payload}\n\n<details>\n\n{payload}\n\n</details>")]
    for start in range(0, len(texts), 60):
        some = texts[start : start + 60]
        chat = await shown.open([answer(n, text) for n, text in enumerate([*some, "The end."])])
        await until_all_is_drawn(chat)
        await shown.check(chat)
        await chat.page.context.close()
        shown.pages = 0


async def test_widgets(shown: Shown) -> None:
    widgets: list[Any] = exported(
        "tests/widgets/attacks.ts", "m.TYPES.flatMap(type => m.ATTACKS.flatMap(attack => m.attackers(type, attack)))"
    )
    cards = [{"type": "Card", "children": widgets[start : start + 20]} for start in range(0, len(widgets), 20)]
    for start in range(0, len(cards), 18):
        some = [item(n, "widget", widget=card) for n, card in enumerate(cards[start : start + 18])]
        chat = await shown.open([*some, answer(99, "The end.")])
        await until_all_is_drawn(chat)
        await shown.check(chat)
        assert not [one for one in await chat.told("log") if "cannot be drawn" in json.dumps(one)]
        await chat.page.context.close()
        shown.pages = 0


SOURCES = [
    {"type": "url", "url": "javascript:alert(1)", "title": ATTACK, "attribution": ATTACK, "description": ATTACK},
    {"type": "file", "filename": ATTACK, "title": ATTACK, "timestamp": ATTACK},
    {"type": "entity", "id": "__proto__", "icon": ATTACK, "label": ATTACK, "inline_label": ATTACK, "title": ATTACK},
    {"type": "constructor", "title": ATTACK},
]
TASKS = [
    {"type": "custom", "title": ATTACK, "icon": "constructor", "content": ATTACK, "status_indicator": "__proto__"},
    {"type": "web_search", "title": ATTACK, "title_query": ATTACK, "queries": [ATTACK], "sources": SOURCES},
    {"type": "thought", "title": ATTACK, "content": ATTACK},
    {"type": "file", "title": ATTACK, "sources": SOURCES},
    {"type": "image", "title": ATTACK},
    {"type": "toString", "title": ATTACK},
]
QUESTIONS = [
    {"id": "__proto__", "type": "multiple_choice", "question": ATTACK, "options": [{"value": ATTACK}]},
    {"id": ATTACK, "type": "freeform", "question": ATTACK, "description": ATTACK},
]


async def test_items(shown: Shown) -> None:
    workflow = {"type": "custom", "tasks": TASKS, "summary": {"title": ATTACK, "icon": ATTACK}, "expanded": True}
    attachment = {
        "id": ATTACK,
        "type": "image",
        "name": ATTACK,
        "mime_type": ATTACK,
        "preview_url": "javascript:alert(1)",
    }
    tag = {"type": "input_tag", "id": "constructor", "text": ATTACK, "group": ATTACK, "data": {"__proto__": ATTACK}}
    said = [{"type": "input_text", "text": ATTACK}, {**tag, "interactive": True}]
    items = [
        item(1, "user_message", content=said, quoted_text=ATTACK, attachments=[attachment], inference_options={}),
        item(2, "workflow", workflow=workflow),
        *[item(10 + n, "task", task=task) for n, task in enumerate(TASKS)],
        item(3, "generated_image", image={"id": ATTACK, "url": "javascript:alert(1)"}),
        item(4, "structured_input", status="pending", inputs=QUESTIONS),
        item(5, "constructor", content=ATTACK),
        answer(6, "Cited.", [{"type": "annotation", "source": source, "index": 5} for source in SOURCES]),
        answer(7, "The end."),
    ]
    chat = await shown.open(items, title=ATTACK)
    await until_all_is_drawn(chat)
    await chat.button("Show chat history").click()
    await expect(chat.root.get_by_role("dialog", name="Chat history")).to_contain_text("onerror")
    await shown.check(chat)


async def test_options(shown: Shown) -> None:
    chat = await shown.open(
        [answer(1, "The end.")],
        locale="__proto__",
        header={"title": {"text": ATTACK}},
        disclaimer={"text": ATTACK},
        startScreen={"greeting": ATTACK, "prompts": [{"label": ATTACK, "prompt": ATTACK, "icon": "constructor"}]},
        composer={"placeholder": ATTACK, "models": [{"id": ATTACK, "label": ATTACK, "description": ATTACK}]},
    )
    await until_all_is_drawn(chat)
    await chat.call("setThreadId", None)
    await expect(chat.root).to_contain_text("onerror")
    await shown.check(chat)


IS_DRAWN = "document.querySelector('openai-chatkit').shadowRoot.textContent.includes('The end.')"
LONG = [
    r"\( ",
    r"\(a\) ",
    "1. a\n",
    "```\n",
    "[",
    "*a ",
    "<b>",
    "> ",
    "![](",
    "http://a.b ",
    "# a\n",
    ".\n\n",
    "$$ a\n",
]


@pytest.mark.alone
@pytest.mark.parametrize("part", LONG)
async def test_a_megabyte_is_drawn_while_the_page_answers(shown: Shown, part: str) -> None:
    chat = await shown.open([answer(1, part * (1_000_000 // len(part)) + "\n\nThe end.")])
    start = time.monotonic()
    while not await chat.page.evaluate(IS_DRAWN):
        assert time.monotonic() - start < 30
        await chat.composer.fill("It answers", timeout=3_000)
        await chat.page.wait_for_timeout(100)
    await expect(chat.composer).to_be_editable()
