"""What the stand-in says of itself."""

from __future__ import annotations

from typing import Final

from .intents import UnsureKind

WHO: Final = """\
I am TaskFlow's **offline stand-in**: no AI model is connected. I understand task phrases by fixed rules and nothing \
else; the tasks, the tools and the answers are real."""

CONNECT: Final = """\
To talk to a real model, set `OPENAI_API_KEY` (or `OPENAI_BASE_URL`, for any OpenAI-compatible server) and \
`CHATKIT_MODEL`, then restart the server."""

EXAMPLES: Final = (
    "`add a task to buy groceries by Friday, high priority`",
    "`what's on my plate?`",
    "`mark task 1 as complete`",
    "`rename task 2 to Call the bank`",
    "`what should I do next?`",
    "`delete the groceries task`",
    "`remind me to call mum tomorrow`",
    "`show the history of task 1`",
    "`new task form`",
)

HELP: Final = f"""\
{WHO}

| To | say, for example |
| --- | --- |
| add | `add a task to buy groceries by Friday, high priority, #home` |
| repeat | `create a weekly task to water the plants every Monday` |
| fill in a form | `new task form` |
| see | `what's on my plate?`, `show overdue tasks`, `show tasks tagged home`, `find bank` |
| move on | `start task 2`, `request a review of task 2`, `mark task 2 as complete`, `reopen task 2` |
| change | `rename task 2 to Call the bank`, `move task 2 to Friday`, `task 2 is 60% done` |
| hand over | `assign task 2 to assistant`, `who is on the team?` |
| delete | `delete the groceries task`: you are asked first |
| look back | `what happened?`, `who changed task 1?` |
| watch text stream | `count to 50`, `write 200 words` |

Instead of a number you can say words of the title.

{CONNECT}"""

ANSWER_ABOVE: Final = "That question wants its own answer: choose yes or no where it stands, above. I did nothing yet."

NO_TOOLS: Final = "TaskFlow's tools for this are not there at the moment."

STILL: Final = "Until then I can still tell you what I am (`help`) or stream some text (`count to 20`)."

SIGN_IN: Final = "On this machine, `fastapi-chatkit token NAME` prints a token for a user."

UNSURE: Final[dict[UnsureKind, str]] = {
    "bulk": "I change tasks that you name, not all at once, so that none is lost by accident. Nothing was changed. "
    "Say for example `complete tasks 1, 2 and 5`.",
    "condition": "I am a stand-in without a model and cannot judge conditions, so I changed nothing. "
    "Say it as an order when it is time, for example `complete task 1`.",
    "nothing_new": "What should be changed? Say for example `rename task 2 to Call the bank`, "
    "`move task 2 to Friday` or `set the priority of task 2 to high`.",
    "no_project": "I cannot make or change projects here, only tasks. `list projects` shows those that you have.",
    "no_unassign": "A task can be given to somebody else, but not taken from everybody. "
    "Say for example `assign task 2 to assistant`.",
    "not_asked": "I took that as a remark, not as an order, so I changed nothing. "
    "If you want something done, say for example `complete task 1`.",
    "plan": "That sounds like something to do. I add it if you begin with `remind me to …` or `add …`; "
    "nothing was changed.",
    "question": "I can only follow orders, not weigh or foresee: no model is connected. Nothing was changed. "
    "If you want it done, say so, for example `delete the groceries task`; `show my tasks` and "
    "`show the history of task 1` tell you what is there.",
    "recurrence": "Tasks repeat daily, weekly or monthly, nothing in between, so I added nothing. "
    "Say for example `add a weekly task to water the plants`.",
    "relative_due": "Tell me the day itself, for example `move task 2 to Friday` or `move task 2 to 2030-01-15`. "
    "Nothing was changed.",
    "rename": "I cannot tell where the old title ends and the new one begins, so I changed nothing. "
    "Say the task's number, "
    'or put the titles between quotation marks: `rename "a to b" to "c"`.',
    "several": "One thing at a time, please: I understood several orders and followed none. Send them one by one.",
    "too_long": "That is longer than what I can follow by rules, so I read none of it and nothing was changed. "
    "Say it in a few short messages; a long description can stand between quotation marks, or in the `new task form`.",
    "too_many": "Those are more tasks than I take at once. Nothing was changed. Send ten at most.",
    "which": "Which task? Name it by its number or its title, for example `delete task 3` or `complete the groceries`.",
}


def suggestions(seed: int) -> str:
    """Three things to try; which, depends on ``seed``."""
    first, second, third = (EXAMPLES[(3 * seed + offset) % len(EXAMPLES)] for offset in range(3))
    return f"- {first}\n- {second}\n- {third}"
