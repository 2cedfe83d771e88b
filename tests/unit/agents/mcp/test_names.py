"""Names that models take, whatever servers call their tools."""

import re

from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.agents.mcp.names import Names, is_valid

SERVERS = st.from_regex(r"[a-zA-Z0-9_-]{1,64}", fullmatch=True)
TOOLS = st.one_of(st.text(), st.from_regex(r"[ab._]{0,3}", fullmatch=True), st.text("a", max_size=130))


@given(st.lists(st.tuples(SERVERS, TOOLS), max_size=30))
def test_every_tool_has_one_valid_name_of_its_own_that_leads_back(tools: list[tuple[str, str]]) -> None:
    names = Names()
    given_names = {tool: names.name(*tool) for tool in tools}
    assert len(set(given_names.values())) == len(given_names)
    for tool, name in given_names.items():
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name)
        assert names.tool(name) == tool
        assert names.name(*tool) == name


@given(SERVERS, TOOLS)
def test_a_name_that_is_valid_and_free_is_kept(server: str, tool: str) -> None:
    assert (Names().name(server, tool) == tool) == is_valid(tool)


def test_the_second_servers_tool_has_its_servers_name_before_it() -> None:
    names = Names()
    assert [names.name(server, "search") for server in ("web", "shop", "web")] == ["search", "shop_search", "search"]
    assert names.tool("nothing") is None


def test_names_are_bounded_in_number() -> None:
    names = Names()
    for number in range(25_000):
        names.name("s", f"t{number}")
    assert names.tool("t0") is None
    assert names.tool("t24999") == ("s", "t24999")
