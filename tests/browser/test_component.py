"""What a page can tell the component and hears from it, in a browser: the rest is in ``web/tests``."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.chat import counted
from tests.browser.conftest import Visit


async def test_a_first_conversation(visit: Visit) -> None:
    chat = await visit(
        options={"startScreen": {"greeting": "Hello there", "prompts": [{"label": "Try", "prompt": "hi"}]}}
    )
    await expect(chat.root).to_contain_text("Hello there")
    await chat.button("Try").click()
    await chat.until_it_says("You said: hi")
    await chat.until_done()
    names = [name for name in await chat.page.evaluate("window.told.map(({ name }) => name)") if name != "log"]
    assert names[:2] == ["ready", "response.start"]
    assert names[-1] == "response.end"
    assert "thread.change" in names


async def test_enter_sends_and_shift_enter_does_not(visit: Visit) -> None:
    chat = await visit()
    await chat.composer.fill("one")
    await chat.composer.press("Shift+Enter")
    await chat.page.keyboard.type("two")
    await expect(chat.messages).to_have_count(0)
    await chat.composer.press("Enter")
    await chat.until_it_says("You said: one")
    await expect(chat.messages).to_contain_text("two")
    await expect(chat.composer).to_have_value("")


async def test_a_draft_outlives_a_reload(visit: Visit) -> None:
    chat = await visit()
    await chat.composer.fill("half a thought")
    await chat.page.wait_for_timeout(400)
    await chat.page.reload()
    await chat.until_ready()
    await expect(chat.composer).to_have_value("half a thought")


async def test_the_page_can_send_and_write_and_open(visit: Visit) -> None:
    chat = await visit()
    await chat.call("sendUserMessage", {"text": "from the page"})
    await chat.until_it_says("You said: from the page")
    await chat.until_done()
    first = chat.thread
    await chat.call("sendUserMessage", {"text": "elsewhere", "newThread": True})
    await chat.until_it_says("You said: elsewhere")
    await chat.until_done()
    assert chat.thread != first
    await chat.call("setThreadId", first)
    await chat.until_it_says("You said: from the page")
    await chat.call("setThreadId", None)
    await expect(chat.messages).to_have_count(0)
    await chat.call("setComposerValue", {"text": "a draft"})
    await expect(chat.composer).to_have_value("a draft")
    await chat.call("focusComposer")
    await expect(chat.composer).to_be_focused()


async def test_history_lists_renames_and_deletes(visit: Visit) -> None:
    chat = await visit()
    await chat.ask("title First of all")
    await chat.call("setThreadId", None)
    await expect(chat.messages).to_have_count(0)
    await chat.ask("title Second to none")
    await chat.button("Show chat history").click()
    dialog = chat.root.get_by_role("dialog", name="Chat history")
    await expect(dialog).to_contain_text("First of all")
    await dialog.get_by_role("button", name="Actions for “First of all”").click()
    await chat.root.get_by_role("menuitem", name="Rename").click()
    field = dialog.get_by_role("textbox", name="Title of the chat")
    await field.fill("Renamed")
    await field.press("Enter")
    await expect(dialog).to_contain_text("Renamed")
    await dialog.get_by_role("button", name="Actions for “Second to none”").click()
    await chat.root.get_by_role("menuitem", name="Delete").click()
    await dialog.get_by_role("button", name="Delete", exact=True).click()
    await expect(dialog).not_to_contain_text("Second to none")
    await dialog.get_by_role("button", name="Renamed", exact=True).click()
    await chat.until_it_says("It has a title now.")
    await expect(chat.root).to_contain_text("Renamed")


async def test_a_tool_of_the_pages_is_called_and_the_answer_goes_on(visit: Visit) -> None:
    chat = await visit()
    await chat.say("tool")
    await chat.until_it_says("The page says: {'colour': 'green'}")
    await chat.until_done()
    assert await chat.page.evaluate("window.calls") == [{"name": "colour", "params": {"of": "page"}}]


async def test_effects_and_deep_links_reach_the_page(visit: Visit) -> None:
    chat = await visit()
    await chat.ask("effect")
    assert await chat.told("effect") == [{"name": "lights", "data": {"on": True}}]
    answer = await chat.ask("show link")
    await answer.get_by_text("task 3").click()
    assert await chat.told("deeplink") == [{"name": "task", "data": {"id": "3"}}]
    assert len(chat.page.context.pages) == 1


async def test_a_question_is_answered_in_the_thread(visit: Visit) -> None:
    chat = await visit()
    await chat.say("question")
    await chat.root.get_by_text("Coffee", exact=True).click()
    await chat.log.get_by_role("button", name="Submit").click()
    await chat.until_it_says("You answered: ['Coffee']")


async def test_buttons_of_widgets_reach_the_server_or_the_page(visit: Visit) -> None:
    chat = await visit()
    await chat.say("widget card")
    await chat.button("Here").click()
    await chat.page.wait_for_function("window.calls.length === 1")
    (call,) = await chat.page.evaluate("window.calls")
    assert call["action"] == {"type": "here", "payload": {"n": 2}}
    await chat.log.get_by_role("button", name="Go", exact=True).click()
    await chat.until_it_says("Pressed go with {'n': 1}")


async def test_a_form_is_checked_and_sends_what_was_filled_in(visit: Visit) -> None:
    chat = await visit()
    await chat.say("widget form")
    send = chat.log.get_by_role("button", name="Send", exact=True)
    await send.click()
    await expect(chat.root.get_by_label("Name")).to_be_focused()
    await expect(chat.log).not_to_contain_text("Pressed")
    await chat.root.get_by_label("Name").fill("Zoë")
    await chat.root.get_by_label("Sugar").check()
    await send.click()
    await chat.until_it_says("Pressed sent with")
    await chat.until_it_says("'person': {'name': 'Zoë'}")
    await chat.until_it_says("'fixed': True")


async def test_a_form_that_is_sent_while_an_answer_is_written_waits_for_its_end(visit: Visit) -> None:
    chat = await visit()
    await chat.say("widget form")
    await chat.log.get_by_role("textbox", name="Name").fill("Ada")
    await chat.until_done()
    await chat.say("slow 20")
    await chat.until_it_says("word2")
    await chat.log.get_by_role("button", name="Send", exact=True).click()
    waiting = chat.log.locator("[aria-busy=true]").filter(has_text="Drink")
    await expect(waiting).to_have_count(1)
    await expect(chat.log).not_to_contain_text("Pressed")
    await chat.until_it_says("Pressed sent with {'fixed': True, 'person': {'name': 'Ada'}")
    await chat.until_done()
    await expect(waiting).to_have_count(0)
    await expect(chat.alert).to_have_count(0)
    assert "word19" in await chat.log.inner_text()


async def test_stop_does_not_lose_it_either(visit: Visit) -> None:
    chat = await visit()
    await chat.say("widget card")
    await chat.until_done()
    await chat.say("slow 400")
    await chat.until_it_says("word2")
    await chat.log.get_by_role("button", name="Go", exact=True).click()
    await chat.stop_button.click()
    await chat.until_it_says("Pressed go with {'n': 1}")
    await chat.until_done()
    await expect(chat.log).not_to_contain_text("word300")


async def test_feedback_is_given_and_seen(visit: Visit) -> None:
    chat = await visit()
    await chat.ask("hello")
    good = chat.button("Good answer").or_(chat.button("Good response"))
    await good.first.click()
    await expect(good.first).to_have_attribute("aria-pressed", "true")


async def test_an_answer_is_asked_for_again(visit: Visit) -> None:
    chat = await visit()
    await chat.ask("slow 10")
    await chat.button("Answer again").click()
    await expect(chat.stop_button).to_be_visible()
    await chat.until_it_says("word9")
    await chat.until_done()
    assert await chat.words() == counted(10)
    await expect(chat.answers).to_have_count(1)
    await expect(chat.messages).to_have_count(1)


async def test_the_address_of_openais_service_is_refused_in_words(visit: Visit) -> None:
    chat = await visit()
    said = await chat.page.evaluate(
        """() => {
          try {
            document.querySelector("openai-chatkit").setOptions({ api: { getClientSecret: async () => "x" } });
          } catch (error) {
            return error.message;
          }
        }"""
    )
    assert "getClientSecret" in said
    await expect(chat.composer).to_be_visible()
