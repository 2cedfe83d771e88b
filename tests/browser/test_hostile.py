"""Servers that answer as none should: a clear state with a way on, never a blank page."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.browser.hostile import KINDS, STATUSES

REFUSING = [str(status) for status in STATUSES] + ["html", "html-502", "empty", "wrong-json"]


@pytest.mark.parametrize("kind", REFUSING)
async def test_a_message_that_is_refused_says_why_and_can_be_sent_again(visit: Visit, kind: str) -> None:
    chat = await visit(endpoint=f"/hostile/{kind}")
    await chat.say("hello")
    again = chat.root.get_by_role("button", name="Send again").or_(chat.alert.get_by_role("button", name="Try again"))
    waits = chat.root.get_by_role("status").filter(has_text="Reconnecting")
    await expect(again.or_(waits).first).to_be_visible()
    await expect(chat.root).to_contain_text("hello")
    await expect(chat.composer).to_be_editable()
    assert await chat.told("error") or await waits.is_visible()


@pytest.mark.parametrize("kind", REFUSING)
async def test_a_thread_that_cannot_be_opened_says_so_and_leads_on(visit: Visit, kind: str) -> None:
    chat = await visit(endpoint=f"/hostile/{kind}", thread="thr_1", ready=False)
    await expect(chat.alert.first).to_be_visible()
    assert (await chat.alert.first.inner_text()).strip()
    await expect(chat.alert.get_by_role("button").first).to_be_enabled()


@pytest.mark.parametrize("kind", ["500", "html", "wrong-json"])
async def test_a_history_that_cannot_be_listed_says_so_and_can_be_asked_for_again(visit: Visit, kind: str) -> None:
    chat = await visit(endpoint=f"/hostile/{kind}")
    await chat.button("Show chat history").click()
    dialog = chat.root.get_by_role("dialog", name="Chat history")
    await expect(dialog.get_by_role("alert")).to_be_visible()
    await expect(dialog.get_by_role("button", name="Try again")).to_be_enabled()
    await chat.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


@pytest.mark.parametrize("kind", ["malformed", "unknown"])
async def test_what_cannot_be_read_is_passed_over(visit: Visit, kind: str) -> None:
    chat = await visit(endpoint=f"/hostile/{kind}")
    await chat.say("hello")
    await expect(chat.log).to_contain_text("It goes on.")
    await chat.until_done()
    await expect(chat.composer).to_be_editable()


def test_every_kind_is_tried() -> None:
    assert KINDS.keys() <= {*REFUSING, "malformed", "unknown"}


async def test_a_server_that_is_not_there(visit: Visit) -> None:
    chat = await visit()
    await chat.page.route("**/chatkit", lambda route: route.abort("connectionrefused"))
    await chat.say("hello")
    await expect(chat.root.get_by_role("status").filter(has_text="Reconnecting")).to_be_visible()
    await expect(chat.root).to_contain_text("hello")


async def test_an_agent_that_fails_can_be_asked_again(visit: Visit) -> None:
    chat = await visit()
    await chat.say("boom")
    await expect(chat.alert).to_be_visible()
    await expect(chat.root).to_contain_text("Some words, then")
    await expect(chat.root).not_to_contain_text("secret")
    await chat.alert.get_by_role("button", name="Try again").click()
    await expect(chat.alert).to_be_visible()
    await expect(chat.messages).to_have_count(1)
