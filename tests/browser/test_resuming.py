"""Nothing of an answer is lost or there twice, whatever becomes of the page, the network and the server."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.browser.chat import counted, lost_on_the_way_back
from tests.browser.conftest import Contexts, Visit
from tests.browser.house import House, Somewhere
from tests.support.cutting import cutting


async def test_a_page_that_is_refreshed_in_the_middle_sees_the_whole_answer(visit: Visit) -> None:
    chat = await visit()
    await chat.say("slow 60")
    await chat.until_it_says("word9")
    await chat.page.reload()
    await chat.until_ready()
    await chat.until_it_says("word59")
    await chat.until_done()
    assert await chat.words() == counted(60)
    await expect(chat.messages).to_have_count(1)
    await expect(chat.answers).to_have_count(1)


async def test_one_that_is_refreshed_again_and_again_too(visit: Visit) -> None:
    chat = await visit()
    await chat.say("slow 80")
    await chat.until_it_says("word2")
    for _ in range(4):
        await chat.page.reload()
        await asyncio.sleep(0.4)
    await chat.until_it_says("word79")
    await chat.until_done()
    assert await chat.words() == counted(80)


async def test_offline_and_back(visit: Visit, house: House) -> None:
    async with cutting(house) as network:
        chat = await visit(at=Somewhere(network))
        await chat.say("slow 60")
        await chat.until_it_says("word9")
        await chat.page.context.set_offline(True)
        await network.close()
        await expect(chat.root.get_by_role("status").filter(has_text="You are offline")).to_be_visible()
        assert len(await chat.words()) < 60
        await asyncio.sleep(1)
        await chat.page.context.set_offline(False)
        await chat.until_it_says("word59")
        await chat.until_done()
        assert await chat.words() == counted(60)
        await expect(chat.answers).to_have_count(1)


async def test_a_network_that_cuts_every_connection(visit: Visit, house: House) -> None:
    async with cutting(house) as network:
        chat = await visit(at=Somewhere(network))
        await chat.say("slow 80")
        for _ in range(6):
            await asyncio.sleep(0.5)
            await network.close()
        await chat.until_it_says("word79", 20_000)
        await chat.until_done()
        assert await chat.words() == counted(80)
        await expect(chat.messages).to_have_count(1)


async def test_a_message_that_is_sent_while_offline_goes_when_there_is_a_network(visit: Visit) -> None:
    chat = await visit()
    await chat.ask("hello")
    await chat.page.context.set_offline(True)
    await chat.say("slow 3")
    await asyncio.sleep(0.5)
    await chat.page.context.set_offline(False)
    await chat.until_it_says("word2")
    await chat.until_done()
    await expect(chat.messages).to_have_count(2)
    await expect(chat.answers).to_have_count(2)


async def test_a_message_that_arrived_though_nothing_came_back_is_there_once(visit: Visit) -> None:
    chat = await visit()
    sent = await lost_on_the_way_back(chat.page, "**/chatkit")
    await chat.say("slow 3")
    await chat.until_it_says("word2")
    await chat.until_done()
    assert sent == ["threads.create", "threads.create"]
    assert await chat.words() == counted(3)
    await chat.page.reload()
    await chat.until_ready()
    await expect(chat.messages).to_have_count(1)
    await expect(chat.answers).to_have_count(1)


async def test_a_server_that_is_killed_and_started_again(visit: Visit, own_house: House) -> None:
    chat = await visit(at=own_house)
    await chat.say("slow 400")
    await chat.until_it_says("word30")
    await asyncio.to_thread(own_house.kill)
    await expect(chat.root.get_by_role("status").filter(has_text="Reconnecting")).to_be_visible()
    before = len(await chat.words())
    await asyncio.to_thread(own_house.start)
    await expect(chat.alert).to_contain_text(re.compile("interrupted|wrong|complete", re.I), timeout=30_000)
    words = await chat.words()
    assert words == counted(len(words))
    assert before - 25 <= len(words) <= before, "what was said until a second before the kill"
    await expect(chat.messages).to_have_count(1)
    answer = await chat.ask("hello again")
    await expect(answer).to_contain_text("You said: hello again")


async def test_an_answer_that_was_interrupted_can_be_asked_for_again(visit: Visit, own_house: House) -> None:
    chat = await visit(at=own_house)
    await chat.say("slow 40")
    await chat.until_it_says("word9")
    await asyncio.to_thread(own_house.kill)
    await asyncio.to_thread(own_house.start)
    await chat.alert.get_by_role("button", name="Try again").click(timeout=30_000)
    await chat.until_it_says("word39")
    await chat.until_done()
    assert await chat.words() == counted(40)
    await expect(chat.messages).to_have_count(1)


async def test_another_tab_follows_what_is_written_in_the_first(visit: Visit) -> None:
    first = await visit()
    await first.ask("hello")
    second = await visit(context=first.page.context, thread=first.thread)
    await expect(second.answers).to_have_count(1)
    await first.say("slow 40")
    await second.until_it_says("word5")
    await second.until_done()
    await first.until_done()
    assert await second.words() == counted(40)
    await first.page.bring_to_front()
    await first.until_it_says("word39")
    assert await first.words() == counted(40)
    await expect(second.messages).to_have_count(2)


async def test_a_tab_that_is_opened_in_the_middle_sees_all_of_it(visit: Visit, contexts: Contexts) -> None:
    first = await visit()
    await first.say("slow 50")
    await first.until_it_says("word15")
    second = await visit(context=await contexts(), thread=first.thread)
    await second.until_it_says("word49")
    await second.until_done()
    assert await second.words() == counted(50)


async def test_stop_in_one_tab_stops_it_in_both(visit: Visit) -> None:
    first = await visit()
    await first.ask("hello")
    second = await visit(context=first.page.context, thread=first.thread)
    await first.say("slow 400")
    await second.until_it_says("word5")
    await second.stop_button.click()
    await second.until_done()
    words = await second.words()
    assert words == counted(len(words))
    assert len(words) < 300
    await first.page.bring_to_front()
    await first.until_done()
    await first.until_it_says(words[-1])
    assert await first.words() == words


async def test_what_was_written_so_far_stays_when_it_is_stopped(visit: Visit) -> None:
    chat = await visit()
    await chat.say("slow 400")
    await chat.until_it_says("word9")
    await chat.stop_button.click()
    await chat.until_done(2000)
    shown = await chat.words()
    assert shown == counted(len(shown))
    await chat.page.reload()
    await chat.until_ready()
    await expect(chat.answers).to_have_count(1)
    assert await chat.words() == shown
    assert len(await chat.told("response.end")) == 0, "there was none since the page was loaded"


async def test_what_is_typed_while_it_answers_is_sent_after_it(visit: Visit) -> None:
    chat = await visit()
    await chat.say("slow 20")
    await chat.until_it_says("word2")
    await chat.say("and then this")
    waiting = chat.root.get_by_role("list", name="Messages that wait to be sent")
    await expect(waiting).to_contain_text("and then this")
    await expect(chat.messages).to_have_count(1)
    await chat.until_it_says("You said: and then this")
    await expect(waiting).to_have_count(0)
    await expect(chat.messages).to_have_count(2)


async def test_it_can_be_taken_back(visit: Visit) -> None:
    chat = await visit()
    await chat.say("slow 20")
    await chat.until_it_says("word2")
    await chat.say("not this")
    await chat.root.get_by_role("button", name="Take back").click()
    await expect(chat.composer).to_have_value("not this")
    await chat.until_it_says("word19")
    await chat.until_done()
    await expect(chat.messages).to_have_count(1)


@pytest.mark.parametrize("rate", [6])
async def test_on_a_slow_processor_too(visit: Visit, rate: int) -> None:
    chat = await visit()
    session = await chat.page.context.new_cdp_session(chat.page)
    await session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    await chat.say("slow 40")
    await chat.until_it_says("word39", 20_000)
    await chat.until_done()
    assert await chat.words() == counted(40)
