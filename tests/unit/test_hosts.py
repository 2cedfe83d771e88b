"""Which hosts are this machine: tokens are signed for, proxies passed by, and headers believed from these alone."""

import pytest

from fastapi_chatkit.hosts import is_loopback


@pytest.mark.parametrize(
    ("host", "is_this"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:192.168.1.1", False),
        ("LOCALHOST", True),
        ("app.localhost.", True),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("192.168.1.1", False),
        ("0.0.0.0", False),  # noqa: S104 - nobody listens
        ("", False),
    ],
)
def test_which_hosts_are_this_machine(host: str, is_this: bool) -> None:
    assert is_loopback(host) == is_this
