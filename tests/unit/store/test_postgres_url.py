"""PostgreSQL URLs as people have them, and what is shown of them."""

from typing import Any

import pytest

from fastapi_chatkit.store.base import StoreError, shown
from fastapi_chatkit.store.postgres.url import address_of

SECRET = "p4ss"


@pytest.mark.parametrize(
    ("url", "dsn"),
    [
        ("postgresql://u:p4ss@host:5433/db", "postgresql://u:p4ss@host:5433/db"),
        ("postgres://u:p4ss@host/db", "postgresql://u:p4ss@host/db"),
        ("postgresql+asyncpg://u:p4ss@host/db", "postgresql://u:p4ss@host/db"),
        ("postgresql://u:p%40ss%2F@host/db", "postgresql://u:p%40ss%2F@host/db"),
        ("postgresql://u@[::1]:5433/db", "postgresql://u@[::1]:5433/db"),
        ("postgresql:///db?host=/run/postgresql", "postgresql:///db?host=%2Frun%2Fpostgresql"),
        ("postgresql://host/db?sslmode=verify-full", "postgresql://host/db?sslmode=verify-full"),
        ("postgresql+asyncpg://host/db?ssl=require", "postgresql://host/db?sslmode=require"),
        ("postgresql://host/db?application_name=a%20b", "postgresql://host/db?application_name=a%20b"),
        ("postgresql://host/db?options=-c%20jit%3Doff", "postgresql://host/db?options=-c%20jit%3Doff"),
        ("postgresql://a:1,b:2/db", "postgresql://a:1,b:2/db?target_session_attrs=read-write"),
        ("postgresql://a,b/db?target_session_attrs=any", "postgresql://a,b/db?target_session_attrs=any"),
        (
            "postgresql:///db?host=a,b&port=1,2",
            "postgresql:///db?host=a%2Cb&port=1%2C2&target_session_attrs=read-write",
        ),
        ("postgresql://?service=chat", "postgresql://?service=chat"),
    ],
)
def test_a_url_becomes_what_asyncpg_takes(url: str, dsn: str) -> None:
    assert address_of(url).dsn == dsn


def test_a_connect_timeout_and_the_statement_cache_are_arguments() -> None:
    address = address_of("postgresql://host/db?connect_timeout=3&statement_cache_size=0")
    assert address.arguments == {"dsn": "postgresql://host/db", "timeout": 3, "statement_cache_size": 0}
    assert address_of("postgresql+asyncpg://h/db?prepared_statement_cache_size=0").statement_cache_size == 0


def test_what_has_no_effect_is_said(caplog: pytest.LogCaptureFixture) -> None:
    assert address_of("postgresql://host/db?channel_binding=require&sslmode=require").dsn.endswith("?sslmode=require")
    assert "`channel_binding` has no effect here" in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://",
        "postgresql:///db",
        "postgresql:host/db",
        "postgresql://u:p4ss/@host/db",
        "postgresql://u:?p4ss@host/db",
        "postgresql://u:#p4ss@host/db",
        "postgresql://u:1?p4ss@host/db?sslmode=require",
        "postgresql://u:p4ss@host:port/db",
        "postgresql://u:p4ss@host:99999999/db",
        "postgresql://u:p4ss@[::1/db",
        "postgresql://u:p4ss@host/db#fragment",
        "postgresql://u:p4ss@host/db?sslmode",
        "postgresql+psycopg2://u:p4ss@host/db",
        "mysql://u:p4ss@host/db",
        "u:p4ss@host/db",
    ],
)
def test_a_wrong_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreError, match=r"postgresql://USER:PASSWORD@HOST:5432/DATABASE") as error:
        address_of(url)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("name", ["connect_timeout", "statement_cache_size"])
def test_a_parameter_that_is_no_number_is_named(name: str) -> None:
    with pytest.raises(StoreError, match=rf"`{name}` must be a whole number"):
        address_of(f"postgresql://host/db?{name}=soon")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p4ss@host:1/db?password=p4ss", "postgresql://u@host:1/db"),
        ("postgresql://u:p4ss@a:1,b:2,[::1]:3/db", "postgresql://u@a:1,b:2,[::1]:3/db"),
        ("postgresql:///db?host=/run/postgresql", "postgresql:///db"),
        ("postgresql://u:p4ss@p4ss@host/db", "postgresql://…"),
        ("postgresql://u:p4?ss@host/db", "postgresql://…"),
        ("postgresql://u:p4#ss@host/db", "postgresql://…"),
        ("postgresql://u:p4/ss@host/db", "postgresql://…"),
        ("postgresql://host:p4ss/db", "postgresql://…"),
        ("postgresql://host/db?password=a@p4ss", "postgresql://…"),
        ("u:p4ss@host/db", "…"),
        ("postgresql://host/db", "postgresql://host/db"),
        ("sqlite:///./a@b.db", "sqlite:///./a@b.db"),
        ("", ""),
    ],
)
def test_what_is_shown_has_no_password(url: str, expected: str) -> None:
    assert shown(url) == expected


def test_settings_in_options_are_given_too() -> None:
    options = "-c%20statement_timeout%3D1234%20--jit%3Doff"
    given = address_of(f"postgresql://host/db?application_name=a&options={options}").given
    assert given == {"application_name", "options", "statement_timeout", "jit"}


def test_an_address_does_not_print_its_password() -> None:
    address: Any = address_of("postgresql://u:p4ss@host/db")
    assert SECRET not in repr(address)
