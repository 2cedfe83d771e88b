"""Each rule of the suite can fail: evidence of what must not be is told from evidence of what may."""

import json
from collections.abc import Callable

import pytest

from tests.chaos.checks import CHECKS, check
from tests.chaos.doctored import Doctored, answer_item, events_of, message_item
from tests.chaos.evidence import Violation
from tests.chaos.history import Cancel
from tests.chaos.logs import Line
from tests.chaos.replica import Life
from tests.chaos.script import Part, Script
from tests.chaos.streams import Entry, Stream

SAY = Script("user00-1", (Part("text", 5, 0.01),))
THEN = Script("user00-2", (Part("text", 3, 0.01),))


def rules_of(story: Doctored) -> set[str]:
    return {violation.rule for violation in check(story.evidence())}


def told(story: Doctored) -> str:
    return "\n".join(violation.what for violation in check(story.evidence()))


@pytest.fixture
def story() -> Doctored:
    """A run that went on to its end."""
    story = Doctored()
    story.admit(SAY)
    return story


def complete(story: Doctored, run: str = "run_1", script: Script = SAY) -> None:
    xid = story.transaction()
    story.item(run, answer_item(script, script.parts[0].count), xid=xid)
    story.end(run, xid=xid)


def interrupt(story: Doctored, stored: int = 3, run: str = "run_1", script: Script = SAY) -> None:
    """Another process ends it, with so many tokens."""
    xid = story.transaction()
    if stored:
        story.item(run, answer_item(script, stored), "b.1", xid=xid)
    story.end(run, "interrupted", "crashed", "b.1", xid=xid, attempt=2)


def killed(story: Doctored, ago: float = 0.5) -> float:
    """Its process was killed."""
    at = story.now + ago
    story.lives["a.1"] = Life("a.1", log=None, began=900.0, killed=at)  # type: ignore[arg-type]  # nobody reads it
    story.fault("kill", "a", at - 0.01, at + 5)
    return at


# --- what may be --------------------------------------------------------------------------------------------------


def test_a_run_that_completed_is_sound(story: Doctored) -> None:
    complete(story)
    story.read("run_1", *events_of(SAY, 5))
    story.streams["run_1"] = Stream([Entry(1, 3, 3), Entry(1, 9, 6), Entry(1, 11, 4), Entry(2, 0, 0)], 1000)
    assert told(story) == ""


def test_a_run_whose_process_was_killed_is_sound(story: Doctored) -> None:
    story.change("run_1", checkpoint="[]")
    killed(story)
    interrupt(story)
    items = [message_item(SAY), answer_item(SAY, 3)]
    snapshot = {"type": "run.snapshot", "last_event_id": "2-0", "items": items}
    end = {"type": "run.ended", "status": "interrupted", "stop_reason": "crashed"}
    story.read("run_1", *events_of(SAY, 4)[:6], ("2-0", snapshot), ("2-0", {"type": "error"}), ("2-999", end))
    assert told(story) == ""


def test_a_deleted_thread_is_sound(story: Doctored) -> None:
    story.history.deleted["thr_1"] = story.now
    story.item("run_1", message_item(SAY), gone=True)
    story.delete("run_1")
    story.read(
        "run_1",
        *events_of(SAY, 4)[:3],
        ("1-4", {"type": "run.ended", "status": "cancelled", "stop_reason": "thread_deleted"}),
    )
    assert told(story) == ""


def test_runs_that_wait_for_one_another_are_sound(story: Doctored) -> None:
    story.admit(THEN, "run_2", waits=True)
    complete(story)
    xid = story.transaction()
    story.item("run_2", message_item(THEN), xid=xid)
    story.change("run_2", xid=xid, status="running", began_at="then")
    complete(story, "run_2", THEN)
    assert told(story) == ""


def test_a_run_that_was_taken_back_before_it_was_there_is_sound(story: Doctored) -> None:
    complete(story)
    story.admit(THEN, "run_2").run_id = None
    story.history.messages[-1].acknowledged = None
    story.now += 10
    story.admit(Script("user00-3", THEN.parts), "run_3")
    assert "order.in_line" not in rules_of(story)


# --- what must not be ---------------------------------------------------------------------------------------------


def lost_message(story: Doctored) -> None:
    complete(story)
    story.item("run_1", message_item(SAY), gone=True)


def message_twice(story: Doctored) -> None:
    complete(story)
    story.item("run_1", {**message_item(SAY), "id": "msg_other"})


def unacknowledged_twice(story: Doctored) -> None:
    message_twice(story)
    story.history.messages[0].acknowledged = story.history.messages[0].run_id = None


def answered_twice(story: Doctored) -> None:
    complete(story)
    story.admit(SAY, "run_2").run_id = "run_1"
    complete(story, "run_2")


def key_twice(story: Doctored) -> None:
    complete(story)
    story.admit(THEN, "run_2")
    story.change("run_2", request_key="key of run_1")
    complete(story, "run_2", THEN)


def never_stored(story: Doctored) -> None:
    complete(story)
    story.history.messages[0].run_id = "run_9"


def deleted_unasked(story: Doctored) -> None:
    complete(story)
    story.delete("run_1")


def taken_back(story: Doctored) -> None:
    story.fault("postgres-freeze", "postgres", 990, 1010)
    story.change("run_1", began_at=None)
    story.end("run_1", "failed", "overloaded")


def two_ends(story: Doctored) -> None:
    complete(story)
    story.change("run_1", ended_at=None)
    story.end("run_1")


def end_changed(story: Doctored) -> None:
    complete(story)
    story.change("run_1", stop_reason="cancelled")


def left_running(story: Doctored) -> None:
    story.change("run_1", checkpoint="[]")


def interrupted_for_nothing(story: Doctored) -> None:
    interrupt(story)


def cancelled_by_nobody(story: Doctored) -> None:
    story.end("run_1", "cancelled", "cancelled")


def failed_for_nothing(story: Doctored) -> None:
    story.end("run_1", "failed", "internal")


def not_all_said(story: Doctored) -> None:
    story.item("run_1", answer_item(SAY, 4))
    story.end("run_1")


def never_said(story: Doctored) -> None:
    killed(story)
    item = answer_item(SAY, 3)
    item["content"][0]["text"] = item["content"][0]["text"].replace("0001", "0007")
    story.item("run_1", item)
    interrupt(story, 0)


def checkpoint_lost(story: Doctored) -> None:
    story.change("run_1", checkpoint=json.dumps([answer_item(SAY, 4)]))
    killed(story)
    interrupt(story, 3)


def two_writers(story: Doctored) -> None:
    story.item("run_1", answer_item(SAY, 2), "b.1")
    complete(story)


def zombie(story: Doctored) -> None:
    killed(story)
    interrupt(story)
    story.item("run_1", answer_item(SAY, 5))


def third_attempt(story: Doctored) -> None:
    killed(story)
    interrupt(story)
    story.change("run_1", "c.1", attempt=3)


def overtaken(story: Doctored) -> None:
    story.admit(THEN, "run_2", waits=True)
    story.admit(Script("user00-3", THEN.parts), "run_3", waits=True)
    complete(story)
    story.change("run_3", status="running")


def overtaken_by_one_that_comes_later(story: Doctored) -> None:
    story.admit(THEN, "run_2", waits=True)
    complete(story)
    story.admit(Script("user00-3", THEN.parts), "run_3")


def two_at_once(story: Doctored) -> None:
    story.admit(THEN, "run_2")
    complete(story)
    complete(story, "run_2", THEN)


def event_twice(story: Doctored) -> None:
    complete(story)
    events = events_of(SAY, 5)
    story.read("run_1", *events[:4], events[3], *events[4:])


def event_left_out(story: Doctored) -> None:
    complete(story)
    events = events_of(SAY, 5)
    story.read("run_1", *events[:4], *events[5:])


def reader_waits(story: Doctored) -> None:
    complete(story)
    story.read("run_1", *events_of(SAY, 5)[:-1])


def told_not_there(story: Doctored) -> None:
    complete(story)
    story.read("run_1").lose("404")


def other_end_told(story: Doctored) -> None:
    complete(story)
    story.read("run_1", *events_of(SAY, 5, status="failed"))


def other_text_told(story: Doctored) -> None:
    killed(story)
    interrupt(story, 3)
    story.read("run_1", *events_of(SAY, 4, status="interrupted", reason="crashed"))


def recovered_late(story: Doctored) -> None:
    killed(story)
    story.now += 60
    interrupt(story)


def lost_too_much(story: Doctored) -> None:
    complete_until = events_of(SAY, 5)[:8]
    story.read("run_1", *complete_until).left = True
    story.history.readings[0].lengths = [(story.now, len(answer_item(SAY, 5)["content"][0]["text"]))]
    killed(story, ago=20)
    story.now += 25
    interrupt(story, 1)


def cancelled_late(story: Doctored) -> None:
    story.history.cancels.append(Cancel("user00", "run_1", story.now))
    story.now += 20
    story.end("run_1", "cancelled", "cancelled")


def not_cancelled(story: Doctored) -> None:
    story.history.cancels.append(Cancel("user00", "run_1", story.now))
    story.now += 20
    complete(story)


def odd_line(story: Doctored) -> None:
    complete(story)
    story.lines.append(Line("a.1", "error", "asyncio", "Task exception was never retrieved", "KeyError", "KeyError: 1"))


def gap_in_a_stream(story: Doctored) -> None:
    complete(story)
    story.streams["run_1"] = Stream([Entry(1, 3, 3), Entry(1, 7, 3)], 1000)


def stream_for_ever(story: Doctored) -> None:
    complete(story)
    story.streams["run_1"] = Stream([Entry(1, 3, 3)], -1)


def seen_by_a_user(story: Doctored) -> None:
    complete(story)
    story.history.wrong.append("user00 was told 500 internal")


SPOILED: dict[Callable[[Doctored], None], str] = {
    lost_message: "messages.stored_once",
    message_twice: "messages.stored_once",
    unacknowledged_twice: "messages.stored_once",
    answered_twice: "messages.answered_once",
    key_twice: "messages.answered_once",
    never_stored: "messages.kept_when_acknowledged",
    deleted_unasked: "messages.kept_when_acknowledged",
    taken_back: "messages.kept_when_acknowledged",
    two_ends: "runs.one_end",
    end_changed: "runs.one_end",
    left_running: "runs.none_left",
    interrupted_for_nothing: "runs.ends_for_a_reason",
    cancelled_by_nobody: "runs.ends_for_a_reason",
    failed_for_nothing: "runs.ends_for_a_reason",
    not_all_said: "texts.as_asked",
    never_said: "texts.as_asked",
    checkpoint_lost: "texts.checkpoints_kept",
    two_writers: "owners.one_writer",
    zombie: "owners.one_writer",
    third_attempt: "owners.one_writer",
    overtaken: "order.in_line",
    overtaken_by_one_that_comes_later: "order.in_line",
    two_at_once: "order.one_at_a_time",
    event_twice: "readers.nothing_wrong",
    event_left_out: "readers.nothing_wrong",
    reader_waits: "readers.come_to_the_end",
    told_not_there: "readers.come_to_the_end",
    other_end_told: "readers.told_the_truth",
    other_text_told: "readers.told_the_truth",
    recovered_late: "timing.recovered_in_time",
    lost_too_much: "timing.lost_little",
    cancelled_late: "timing.cancelled_in_time",
    not_cancelled: "timing.cancelled_in_time",
    odd_line: "logged.nothing_unexpected",
    gap_in_a_stream: "streams.without_gaps",
    stream_for_ever: "streams.forgotten",
    seen_by_a_user: "what users and the suite saw",
}


@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__)
def test_what_must_not_be_is_found(story: Doctored, spoil: Callable[[Doctored], None]) -> None:
    spoil(story)
    assert SPOILED[spoil] in rules_of(story), told(story)


def test_every_rule_is_tested() -> None:
    named = {f"{rule.__module__.rpartition('.')[2]}.{rule.__name__}" for rule in CHECKS}
    tested = {
        "messages.kept_when_acknowledged" if rule == "messages.kept_when_acknowledged" else rule
        for rule in SPOILED.values()
    }
    assert named <= tested


def test_a_violation_names_its_run(story: Doctored) -> None:
    left_running(story)
    assert Violation("runs.none_left", "is still running", "run_1") in check(story.evidence())
