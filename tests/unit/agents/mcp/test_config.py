"""Servers from one text; errors that say what is expected and show nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.agents.mcp import MCPServer, servers_from

NAMES = st.from_regex(r"[a-zA-Z0-9_-]{1,20}", fullmatch=True)
HOSTS = st.from_regex(r"[a-z][a-z0-9]{0,10}(\.[a-z]{2,5})?(:[1-9][0-9]{1,3})?", fullmatch=True)
URLS = st.builds(
    "{}://{}/{}".format, st.sampled_from(["http", "https"]), HOSTS, st.sampled_from(["mcp", "", "a?b=c=d"])
)


@given(st.dictionaries(NAMES, URLS, max_size=5), st.sampled_from([",", " ", ", ", "\n", " ,\t"]))
def test_named_urls(named: dict[str, str], separator: str) -> None:
    text = separator.join(f"{name}={url}" for name, url in named.items())
    assert [(server.name, server.url) for server in servers_from(text)] == list(named.items())
    array = json.dumps([{"name": name, "url": url} for name, url in named.items()])
    assert servers_from(array) == servers_from(text)


@given(st.text())
def test_any_text_is_servers_or_an_error_that_shows_nothing_of_it(text: str) -> None:
    _is_servers_or_error(text)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["name", "url", "allow", "headers", "timeout", "x"]),
            st.recursive(
                st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.just("http://a/mcp"),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
                max_leaves=5,
            ),
        )
    )
)
def test_any_array_is_servers_or_an_error(entries: list[Any]) -> None:
    _is_servers_or_error(json.dumps(entries))


def _is_servers_or_error(text: str) -> None:
    shown = None
    try:
        servers = servers_from(text)
    except ValueError as error:
        shown = str(error)
    else:
        assert all(isinstance(server, MCPServer) for server in servers)
    assert shown is None or len(text) < 20 or text not in shown


def test_a_plain_url_is_named_after_its_host() -> None:
    servers = servers_from("https://mcp.example.com/mcp, http://localhost:9000/mcp http://[::1]:8000/mcp")
    assert [server.name for server in servers] == ["mcp-example-com", "localhost", "1"]
    assert servers[1].url == "http://localhost:9000/mcp"


def test_every_field_may_be_given() -> None:
    entry = {
        "name": "shop",
        "url": "https://shop/mcp",
        "allow": ["search", "buy"],
        "headers": {"X-Api-Key": "secret"},
        "pass_token": False,
        "timeout": 10,
        "connect_timeout": 1.5,
        "tools_ttl": 60,
        "listen": True,
    }
    (server,) = servers_from(json.dumps([entry]))
    assert server.allow == {"search", "buy"}
    assert server.headers["X-Api-Key"].get_secret_value() == "secret"
    assert (server.pass_token, server.timeout, server.connect_timeout, server.tools_ttl) == (False, 10, 1.5, 60)
    assert server.listen
    assert "secret" not in repr(server)
    assert "shop/mcp" not in repr(server)
    assert hash(server)


@pytest.mark.parametrize("text", ["", "  \n", "[]", ",,"])
def test_nothing_is_no_servers(text: str) -> None:
    assert servers_from(text) == []


SECRET = "hunter2"


@pytest.mark.parametrize(
    "text",
    [
        "hunter2",
        "a=hunter2",
        "a=ftp://hunter2/mcp",
        "a=https://user:hunter2@host/mcp",
        "https://user:hunter2@host/mcp",
        "http://[hunter2/mcp",
        "a=http://host:hunter2/mcp",
        "a=http://hunter2/1 a=http://hunter2/2",
        "http://hunter2/1 http://hunter2/2",
        '[{"name": "hunter2"}]',
        '[{"name": "a", "url": "http://a", "token": "hunter2"}]',
        '[{"name": "a", "url": "http://a", "headers": {"X": "hunter2\\n"}}]',
        '[{"name": "a", "url": "http://a", "headers": {"X Y": "hunter2"}}]',
        '[{"name": "a", "url": "http://a", "headers": ["hunter2"]}]',
        '[{"name": "a", "url": "http://a", "allow": "hunter2"}]',
        '[{"name": "a", "url": "http://a", "app": "hunter2"}]',
        '[{"name": "a", "url": "http://a", "app": 2}]',
        '[{"name": "a", "url": "http://a", "timeout": "hunter2"}]',
        '[{"name": "a", "url": "http://a", "timeout": 0}, "hunter2"]',
        '[{"name": "a", "url": "http://a", "timeout": NaN}, "hunter2"]',
        '[{"name": "hunter2!", "url": "http://a"}]',
        '["hunter2"',
        "[" * 100_000,
    ],
)
def test_what_is_wrong_is_said_without_the_value(text: str) -> None:
    with pytest.raises(ValueError, match=r"MCP server") as failed:
        servers_from(text)
    assert SECRET not in str(failed.value)
    assert failed.value.__cause__ is None
