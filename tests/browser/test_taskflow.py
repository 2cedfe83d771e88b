"""TaskFlow's stories on its page: what is said in the chat is on the board, and the other way round."""

from __future__ import annotations

import re

from playwright.async_api import Route, expect

from tests.browser.conftest import Contexts, Open


async def test_a_first_visit(open_taskflow: Open) -> None:
    page = await open_taskflow(hint=True)
    await expect(page.hint).to_contain_text("Talk to TaskFlow")
    await page.hint.get_by_role("button", name="Got it").click()
    await expect(page.hint).to_have_count(0)
    await expect(page.board).to_contain_text("A board with nothing on it")
    await page.board.get_by_role("button", name="buy groceries by Friday").click()
    await expect(page.card("Buy groceries", "To do")).to_be_visible()
    await page.until_it_says("Added")
    await expect(page.board).not_to_contain_text("A board with nothing on it")
    await page.page.reload()
    await expect(page.card("Buy groceries")).to_be_visible()
    await page.until_it_says("Added")
    await expect(page.hint).to_have_count(0)


async def test_what_is_said_and_pressed_in_the_chat_is_on_the_board_at_once(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.ask("add a task to water the plants, low priority")
    card = page.card("Water the plants", "To do")
    await expect(card).to_contain_text("Low")
    await page.log.get_by_role("button", name="Start").click()
    await expect(page.card("Water the plants", "In progress")).to_be_visible()
    await page.until_done()
    await page.ask("mark task 1 as complete")
    await expect(page.card("Water the plants", "Done")).to_be_visible()
    await page.say("delete the plants task")
    await page.log.get_by_text("Yes", exact=True).click()
    await page.log.get_by_role("button", name="Submit").click()
    await page.until_it_says("Deleted")
    await expect(page.card("Water the plants")).to_have_count(0)


async def test_a_form_that_is_filled_in_wrongly_says_what_is_wrong(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.ask("show me the form for a new task")
    await page.root.get_by_label("Title").last.fill("   ")
    await page.log.get_by_role("button", name="Create task").click()
    await expect(page.alert).to_have_text("Please check what you have entered. Title: is missing")
    await page.root.get_by_label("Title").last.fill("Paint the shed")
    await page.log.get_by_role("button", name="Create task").click()
    await expect(page.card("Paint the shed", "To do")).to_be_visible()
    await expect(page.alert).to_have_count(0)


async def test_a_form_in_the_chat_makes_a_task(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.ask("show me the form for a new task")
    await page.root.get_by_label("Title").last.fill("Paint the shed")
    await page.log.get_by_role("button", name="Create task").click()
    await expect(page.card("Paint the shed", "To do")).to_be_visible()
    await expect(page.log).to_contain_text("Task added")


async def test_the_board_can_be_used_without_the_chat(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.adding.fill("Order chairs")
    await page.adding.press("Enter")
    card = page.card("Order chairs", "To do")
    await expect(card).to_be_visible()
    await expect(page.adding).to_be_focused()
    await card.hover()
    await card.get_by_role("button", name="Start").click()
    await expect(page.card("Order chairs", "In progress")).to_be_visible()
    await expect(page.status).to_contain_text("“Order chairs” is now: In progress")
    dialog = await page.open("Order chairs")
    await expect(dialog).to_contain_text("started it")
    await dialog.get_by_role("button", name="Complete").click()
    await expect(dialog).to_have_count(0)
    await expect(page.card("Order chairs", "Done")).to_be_visible()


async def test_a_title_that_is_being_typed_stays_while_the_board_changes(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.adding.fill("Half a title")
    await page.adding.evaluate("input => input.setSelectionRange(4, 4)")
    second = await open_taskflow(page.page.context)
    await second.adding.fill("From elsewhere")
    await second.adding.press("Enter")
    await expect(page.card("From elsewhere")).to_be_visible()
    await expect(page.adding).to_be_focused()
    assert await page.adding.evaluate("input => input.selectionStart") == 4
    await page.composer.focus()
    await second.adding.fill("Once more")
    await second.adding.press("Enter")
    await expect(page.card("Once more")).to_be_visible()
    await expect(page.adding).to_have_value("Half a title")


async def test_a_task_that_could_not_be_added_can_be_added_again(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await expect(page.adding).to_be_visible()
    await page.page.context.set_offline(True)
    await page.adding.fill("Mend the roof")
    await page.adding.press("Enter")
    await expect(page.status).to_contain_text("cannot be reached")
    await expect(page.adding).to_have_value("Mend the roof")
    await page.page.context.set_offline(False)
    await page.adding.press("Enter")
    await expect(page.card("Mend the roof", "To do")).to_be_visible()
    await expect(page.adding).to_have_value("")


async def test_a_task_whose_answer_was_lost_is_added_once(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await expect(page.adding).to_be_visible()

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort("connectionreset")

    await page.page.route("**/api/projects/*/tasks", lose)
    await page.adding.fill("Mend the roof")
    await page.adding.press("Enter")
    await expect(page.adding).to_have_value("Mend the roof")
    await page.page.unroute("**/api/projects/*/tasks")
    await page.adding.press("Enter")
    await expect(page.adding).to_have_value("")
    await expect(page.card("Mend the roof")).to_have_count(1)


async def test_a_task_that_is_gone_is_said_to_be(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.ask("add a task to vanish")
    gone = re.compile(r"/api/projects/\d+/tasks")
    await page.page.route(gone, lambda route: route.fulfill(status=404, json={"detail": "There is no task 1"}))
    await page.card("Vanish").evaluate("card => card.remove()")
    await page.log.get_by_role("button", name="Show", exact=True).click()
    await expect(page.status).to_contain_text("There is no task 1")


async def test_an_impatient_enter_makes_one_project(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.project.select_option("New project…")
    dialog = page.page.get_by_role("dialog", name="New project")
    name = dialog.get_by_role("textbox", name="Name")
    await name.fill("Garden")
    form = await name.evaluate_handle("input => input.form")
    await form.evaluate("form => { for (let i = 0; i < 5; i += 1) form.requestSubmit(); }")
    await expect(dialog).to_have_count(0)
    await expect(page.project.get_by_role("option")).to_have_text(["Default", "Garden", "New project…"])


async def test_the_board_leads_to_the_chat_and_back(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.ask("add a task to call Ann")
    card = page.card("Call Ann")
    await card.hover()
    await card.get_by_role("button", name="Ask in the chat").click()
    await expect(page.composer).to_be_focused()
    await expect(page.composer).to_have_value("task 1: ")
    await page.log.get_by_role("button", name="Show", exact=True).click()
    await expect(card).to_have_class(re.compile("lit"))


async def test_by_the_keyboard_alone(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.adding.fill("Write it down")
    await page.adding.press("Enter")
    title = page.card("Write it down").get_by_role("button", name="Write it down", exact=True)
    await title.focus()
    await title.press("Enter")
    dialog = page.page.get_by_role("dialog", name="Write it down")
    await expect(dialog).to_be_visible()
    await page.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(title).to_be_focused()
    await page.page.keyboard.press("Tab")
    await page.page.keyboard.press("Enter")
    await expect(page.card("Write it down", "In progress")).to_be_visible()


async def test_projects_are_apart_and_the_chat_knows_which_is_chosen(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.ask("add a task to stay at home")
    await page.project.select_option("New project…")
    dialog = page.page.get_by_role("dialog", name="New project")
    await dialog.get_by_role("textbox", name="Name").fill("Garden")
    await dialog.get_by_role("button", name="Create").click()
    await expect(page.card("Stay at home")).to_have_count(0)
    await page.ask("add a task to dig a pond")
    await expect(page.card("Dig a pond", "To do")).to_be_visible()
    await page.project.select_option("Default")
    await expect(page.card("Stay at home")).to_be_visible()
    await expect(page.card("Dig a pond")).to_have_count(0)
    await page.page.reload()
    await expect(page.project).to_have_value(re.compile(r"\d+"))
    await expect(page.card("Stay at home")).to_be_visible()


async def test_a_message_that_is_sent_again_is_about_the_project_that_it_was_about(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.ask("hello")
    await page.project.select_option("New project…")
    dialog = page.page.get_by_role("dialog", name="New project")
    await dialog.get_by_role("textbox", name="Name").fill("Garden")
    await dialog.get_by_role("button", name="Create").click()
    await expect(page.project.locator("option:checked")).to_have_text("Garden")

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort("connectionreset")

    await page.page.route("**/chatkit", lose, times=1)
    await page.say("add a task to dig a pond")
    await page.project.select_option("Default")
    await expect(page.messages.last).to_contain_text("dig a pond")
    await page.until_done()
    await expect(page.root.get_by_text("Not sent")).to_have_count(0)
    await expect(page.card("Dig a pond")).to_have_count(0)
    await page.project.select_option("Garden")
    await expect(page.card("Dig a pond")).to_have_count(1)


async def test_everybody_has_a_board_of_their_own(open_taskflow: Open) -> None:
    page = await open_taskflow()
    await page.ask("add a task to keep a secret")
    await page.button("New chat").click()
    await page.composer.fill("half of a secret")
    await page.user.select_option("carol")
    await expect(page.user).to_have_value("carol")
    await expect(page.board.get_by_role("region", name="To do")).to_be_visible()
    await expect(page.card("Keep a secret")).to_have_count(0)
    await expect(page.messages).to_have_count(0)
    await expect(page.composer).to_have_value("")
    await page.user.select_option("Somebody else…")
    dialog = page.page.get_by_role("dialog", name="Somebody else")
    await dialog.get_by_role("textbox", name="Whose tasks?").fill("zoë")
    await dialog.get_by_role("button", name="Show them").click()
    await expect(page.user).to_have_value("zoë")
    await page.ask("add a task to be new here")
    await expect(page.card("Be new here")).to_be_visible()


async def test_a_second_tab_sees_what_the_first_does(open_taskflow: Open) -> None:
    first = await open_taskflow()
    await expect(first.adding).to_be_visible()
    second = await open_taskflow(first.page.context)
    await first.page.bring_to_front()
    await first.adding.fill("Seen twice")
    await first.adding.press("Enter")
    await expect(second.card("Seen twice", "To do")).to_be_visible()


async def test_the_theme_is_the_systems_until_it_is_chosen(open_taskflow: Open) -> None:
    page = await open_taskflow(color_scheme="dark")
    html = page.page.locator("html")
    await expect(html).to_have_attribute("data-scheme", "dark")
    await page.page.emulate_media(color_scheme="light")
    await expect(html).to_have_attribute("data-scheme", "light")
    await page.page.get_by_role("button", name="Use the dark theme").click()
    await expect(html).to_have_attribute("data-scheme", "dark")
    background = "getComputedStyle(document.querySelector('openai-chatkit')).colorScheme"
    await page.page.wait_for_function(f"{background} === 'dark'")
    await page.page.reload()
    await expect(html).to_have_attribute("data-scheme", "dark")


async def test_on_a_narrow_screen_there_is_one_of_the_two(open_taskflow: Open) -> None:
    page = await open_taskflow(viewport={"width": 320, "height": 640})
    await expect(page.composer).to_be_visible()
    await expect(page.board).to_be_hidden()
    await page.ask("add a task to think small")
    await expect(page.tab("Board")).to_have_attribute("data-news", "")
    await page.tab("Board").click()
    await expect(page.card("Think small")).to_be_visible()
    await expect(page.composer).to_be_hidden()
    for pane in ("Chat", "Board"):
        await page.tab(pane).click()
        width = await page.page.evaluate("document.scrollingElement.scrollWidth")
        assert width == 320, pane
    await page.tab("Board").press("ArrowRight")
    await expect(page.tab("Chat")).to_be_focused()
    await expect(page.composer).to_be_visible()


async def test_a_board_that_cannot_be_read_says_so_and_is_read_again(open_taskflow: Open, contexts: Contexts) -> None:
    page = await open_taskflow()
    await page.ask("add a task to come back")
    away = re.compile(r"/api/projects/\d+/tasks\?")
    await page.page.route(away, lambda route: route.abort())
    await page.project.select_option("New project…")
    dialog = page.page.get_by_role("dialog", name="New project")
    await dialog.get_by_role("textbox", name="Name").fill("Elsewhere")
    await dialog.get_by_role("button", name="Create").click()
    await expect(page.board.get_by_role("alert")).to_contain_text("cannot be reached")
    await page.page.unroute(away)
    await page.board.get_by_role("button", name="Try again").click()
    await expect(page.board).to_contain_text("A board with nothing on it")


async def test_a_server_that_does_not_know_who_this_is(open_taskflow: Open, contexts: Contexts) -> None:
    """Behind a gateway that has not said so."""
    context = await contexts()
    await context.route("**/dev/token*", lambda route: route.fulfill(status=404))
    page = await open_taskflow(context)
    await expect(page.page.get_by_role("alert")).to_contain_text("Missing Authorization header")
    await expect(page.page.get_by_role("button", name="Try again")).to_be_enabled()
