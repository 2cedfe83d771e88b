"""axe finds nothing, whatever is shown, in both schemes."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import violations
from tests.browser.chat import Chat
from tests.browser.conftest import Contexts, Visit
from tests.browser.house import House
from tests.browser.samples import WIDGETS
from tests.browser.taskflow import TaskFlow
from tests.browser.watch import Watch

both = pytest.mark.parametrize("scheme", ["light", "dark"])


async def nothing_against(page: Page) -> None:
    found = await violations(page)
    assert not found, "\n".join(found)


@both
async def test_an_untouched_chat(visit: Visit, scheme: str) -> None:
    prompts = [{"label": "Try this", "prompt": "hi", "icon": "sparkle"}]
    composer = {
        "tools": [{"id": "search", "label": "Search", "icon": "search"}],
        "models": [{"id": "a", "label": "Model A"}, {"id": "b", "label": "Model B", "description": "Slower"}],
    }
    options = {"theme": scheme, "startScreen": {"prompts": prompts}, "composer": composer}
    chat = await visit(options={**options, "disclaimer": {"text": "It can be **wrong**."}})
    await nothing_against(chat.page)
    for menu in ("Choose a tool", "Model: Model A"):
        await chat.root.get_by_role("button", name=menu).click()
        await expect(chat.root.get_by_role("menu")).to_be_visible()
        await nothing_against(chat.page)
        await chat.page.keyboard.press("Escape")


@both
async def test_a_conversation_with_all_that_can_be_in_it(visit: Visit, scheme: str) -> None:
    chat = await visit(options={"theme": scheme})
    for said in ("show everything", "workflow", "notice", "title A title"):
        await chat.ask(said)
    await chat.say("question")
    await expect(chat.log.get_by_role("button", name="Submit")).to_be_visible()
    await chat.until_done()
    await nothing_against(chat.page)
    await chat.button("Show chat history").click()
    dialog = chat.root.get_by_role("dialog", name="Chat history")
    await expect(dialog.get_by_role("listitem")).to_have_count(1)
    await nothing_against(chat.page)
    await dialog.get_by_role("button", name="Actions for").click()
    await nothing_against(chat.page)


@both
async def test_an_answer_that_is_being_written_with_a_message_that_waits(visit: Visit, scheme: str) -> None:
    chat = await visit(options={"theme": scheme})
    await chat.say("slow 200")
    await chat.until_it_says("word3")
    await chat.say("and this")
    await expect(chat.root.get_by_role("list", name="Messages that wait to be sent")).to_be_visible()
    await nothing_against(chat.page)
    await chat.stop_button.click()


@both
async def test_what_goes_wrong(visit: Visit, scheme: str) -> None:
    chat = await visit(options={"theme": scheme})
    await chat.say("boom")
    await expect(chat.alert).to_be_visible()
    await nothing_against(chat.page)
    refused = await visit(endpoint="/hostile/413", options={"theme": scheme}, context=chat.page.context)
    await refused.say("hello")
    await expect(refused.button("Send again").or_(refused.button("Try again")).first).to_be_visible()
    await nothing_against(refused.page)
    lost = await visit(endpoint="/hostile/404", thread="thr_1", ready=False, context=chat.page.context)
    await expect(lost.alert).to_be_visible()
    await nothing_against(lost.page)


@both
async def test_widgets(visit: Visit, scheme: str) -> None:
    chat = await visit(options={"theme": scheme})
    for name in WIDGETS.keys() - {"hostile"}:
        await chat.say(f"widget {name}")
        await chat.until_done()
    await expect(chat.log.get_by_role("article", name="Your message")).to_have_count(len(WIDGETS) - 1)
    await chat.page.wait_for_load_state("networkidle")
    await nothing_against(chat.page)


async def test_right_to_left_and_narrow(visit: Visit) -> None:
    chat = await visit(options={"locale": "ar"}, viewport={"width": 320, "height": 640}, ready=False)
    composer = chat.root.get_by_role("textbox")
    await composer.fill("show everything")
    await composer.press("Enter")
    await expect(chat.root.get_by_role("log")).to_contain_text("Euler")
    await chat.page.wait_for_load_state("networkidle")
    assert await chat.root.locator("[dir=rtl]").count() > 0
    assert await chat.page.evaluate("document.scrollingElement.scrollWidth") == 320
    await nothing_against(chat.page)


@both
async def test_the_page_of_taskflow(contexts: Contexts, taskflow: House, watch: Watch, user: str, scheme: str) -> None:
    watch.origins.add(taskflow.url)
    context = await contexts(color_scheme=scheme)
    await context.add_init_script(f"if (location.protocol === 'http:') localStorage.setItem('taskflow user', '{user}')")
    page = TaskFlow(await context.new_page())
    await page.page.goto(taskflow.url)
    await expect(page.board).to_contain_text("A board with nothing on it")
    await page.until_ready()
    await nothing_against(page.page)
    await page.ask("add a task to buy groceries by Friday, high priority")
    await expect(page.card("Buy groceries")).to_be_visible()
    await nothing_against(page.page)
    dialog = await page.open("Buy groceries")
    await expect(dialog).to_contain_text("added it")
    await nothing_against(page.page)
    await page.page.keyboard.press("Escape")
    await page.page.set_viewport_size({"width": 320, "height": 640})
    await nothing_against(page.page)
    await page.tab("Board").click()
    await nothing_against(page.page)


async def test_the_page_of_serve(contexts: Contexts, plain: House, watch: Watch) -> None:
    watch.origins.add(plain.url)
    page = await (await contexts()).new_page()
    await page.goto(plain.url)
    chat = Chat(page)
    await chat.until_ready()
    await nothing_against(page)
    answer = await chat.ask("count to 3")
    await expect(answer).to_contain_text("1, 2, 3.")
    await page.reload()
    await expect(chat.answers).to_have_count(1)
