"""The official packages: the React one on our component, and the SDK's endpoint, which knows no runs, below it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.chat import Chat, counted, lost_on_the_way_back
from tests.browser.conftest import Contexts, Visit
from tests.browser.house import APP, House, Somewhere
from tests.browser.watch import Watch
from tests.support.cutting import cutting
from tests.support.forking import Forks
from tests.support.node import npm


@pytest.fixture(scope="module")
def react(forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An application on ``@openai/chatkit-react``, unchanged but for its page's script tag."""
    built: Path = tmp_path_factory.mktemp("react") / "app"
    npm("run", "build:react-app", "--", "--outDir", str(built))
    with House(forks, built.parent, APP, REACT_APP=str(built)) as house:
        yield house


@pytest.fixture
async def application(contexts: Contexts, react: House, watch: Watch, user: str) -> Page:
    """Its page."""
    watch.origins.add(react.url)
    page = await (await contexts()).new_page()
    await page.goto(f"{react.url}/react/?user={user}")
    await Chat(page).until_ready()
    return page


async def test_the_react_package_talks_through_it(application: Page) -> None:
    chat, log = Chat(application), application.get_by_role("list", name="Log")
    await expect(log).to_contain_text("ready")
    answer = await chat.ask("hello")
    await expect(answer).to_contain_text("You said: hello")
    await expect(log).to_contain_text("response.start")
    await expect(log).to_contain_text("response.end")
    await expect(application.get_by_role("status", name="Thread")).to_contain_text("thr_")


async def test_its_methods_and_handlers_work(application: Page) -> None:
    chat, log = Chat(application), application.get_by_role("list", name="Log")
    await application.get_by_role("button", name="Say hello").click()
    await chat.until_it_says("You said: hello from the page")
    await chat.until_done()
    await chat.say("tool")
    await chat.until_it_says("The page says: {'colour': 'green'}")
    await expect(log).to_contain_text('tool colour {"of":"page"}')
    await chat.ask("effect")
    await expect(log).to_contain_text('effect lights {"on":true}')
    await application.get_by_role("button", name="Draft").click()
    await expect(chat.composer).to_have_value("a draft")
    await expect(chat.composer).to_be_focused()
    await application.get_by_role("button", name="Dark").click()
    await expect(chat.composer).to_have_value("a draft")
    await application.get_by_role("button", name="Past chats").click()
    await expect(chat.root.get_by_role("dialog", name="Chat history")).to_be_visible()
    await application.keyboard.press("Escape")
    await application.get_by_role("button", name="Begin anew").click()
    await expect(chat.messages).to_have_count(0)
    await expect(application.get_by_role("status", name="Thread")).to_have_text("none")


# --- the SDK's own endpoint -------------------------------------------------------------------------------------------


async def test_the_sdks_endpoint_answers(visit: Visit) -> None:
    chat = await visit(endpoint="/official")
    await chat.say("say 20")
    await chat.until_it_says("word19")
    await chat.until_done()
    assert await chat.words() == counted(20)
    await chat.say("say 5")
    await expect(chat.answers).to_have_count(2)
    await chat.until_it_says("word4")
    await chat.until_done()
    await chat.page.reload()
    await chat.until_ready()
    await expect(chat.answers).to_have_count(2)
    await expect(chat.messages).to_have_count(2)
    assert await chat.words() == counted(5)


async def test_stop_stops_it_there_too(visit: Visit) -> None:
    chat = await visit(endpoint="/official")
    await chat.say("say 300")
    await chat.until_it_says("word9")
    await chat.stop_button.click()
    await chat.until_done(2000)
    words = await chat.words()
    assert words == counted(len(words))
    await chat.say("say 3")
    await expect(chat.answers).to_have_count(2)
    await chat.until_it_says("word2")


async def test_an_answer_whose_connection_is_lost_is_over_there_and_can_be_asked_for_again(
    visit: Visit, house: House
) -> None:
    """Without runs nobody can follow it any more."""
    async with cutting(house) as network:
        chat = await visit(at=Somewhere(network), endpoint="/official")
        await chat.say("say 100")
        await chat.until_it_says("word5")
        await network.close()
        await chat.alert.get_by_role("button", name="Try again").click()
        await chat.until_it_says("word6")
        await chat.until_it_says("word99", 20_000)
        await chat.until_done()
        assert await chat.words() == counted(100)
        await expect(chat.messages).to_have_count(1)


async def test_a_message_that_may_have_arrived_there_is_not_sent_again_by_itself(visit: Visit) -> None:
    """It keeps no keys: what was sent twice would be stored twice."""
    chat = await visit(endpoint="/official")
    await chat.say("say 3")
    await chat.until_it_says("word2")
    await chat.until_done()
    sent = await lost_on_the_way_back(chat.page, "**/official")
    await chat.say("say 4")
    await expect(chat.button("Send again")).to_be_visible()
    await asyncio.sleep(1)
    assert sent == ["threads.add_user_message"]
    await chat.page.reload()
    await chat.until_ready()
    await expect(chat.messages).to_have_count(2)
    await expect(chat.button("Send again")).to_be_visible()
    assert sent == ["threads.add_user_message"]


async def test_nor_is_the_first_one_of_a_chat(visit: Visit) -> None:
    chat = await visit(endpoint="/official")
    sent = await lost_on_the_way_back(chat.page, "**/official")
    await chat.say("say 4")
    await expect(chat.button("Send again")).to_be_visible()
    await asyncio.sleep(1)
    assert sent == ["threads.create"]
