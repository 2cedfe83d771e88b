"""From a URL to where a Redis is, and what is said of a wrong one."""

from pathlib import Path

import pytest

from fastapi_chatkit.eventlog.base import LogUnavailable
from fastapi_chatkit.eventlog.redis.address import address_of, shown
from tests.support.certificates import Certificates

PASSWORD = "s3cret/@:?#"
ENCODED = "s3cret%2F%40%3A%3F%23"


@pytest.mark.parametrize(
    ("url", "hosts", "username", "password", "database"),
    [
        ("redis://", [("localhost", 6379)], None, None, 0),
        ("redis://host", [("host", 6379)], None, None, 0),
        ("redis://host:1/", [("host", 1)], None, None, 0),
        ("redis://host:1/7", [("host", 1)], None, None, 7),
        ("redis://[::1]:1", [("::1", 1)], None, None, 0),
        (f"redis://:{ENCODED}@host", [("host", 6379)], None, PASSWORD, 0),
        (f"rediss://chat:{ENCODED}@host:1/2", [("host", 1)], "chat", PASSWORD, 2),
        ("redis+cluster://a:1,b,c:3", [("a", 1), ("b", 6379), ("c", 3)], None, None, 0),
        (f"rediss+cluster://chat:{ENCODED}@a:1,b:2/0", [("a", 1), ("b", 2)], "chat", PASSWORD, 0),
    ],
)
def test_hosts_and_user(
    url: str, hosts: list[tuple[str, int]], username: str | None, password: str | None, database: int
) -> None:
    address = address_of(url)
    assert list(address.hosts) == hosts
    assert [address.options[name] for name in ("username", "password", "db")] == [username, password, database]
    assert (address.clustered, address.tls) == ("cluster" in url, "rediss" in url)
    assert PASSWORD not in repr(address)
    assert ENCODED not in repr(address)


@pytest.mark.parametrize(
    ("url", "password", "database"),
    [
        ("unix:///run/redis%20x.sock", None, 0),
        (f"unix://:{ENCODED}@/run/redis%20x.sock?db=3", PASSWORD, 3),
        (f"unix:///run/redis%20x.sock?password={ENCODED}", PASSWORD, 0),
    ],
)
def test_a_socket(url: str, password: str | None, database: int) -> None:
    address = address_of(url)
    assert (address.path, address.hosts) == ("/run/redis x.sock", ())
    assert (address.options["password"], address.options["db"]) == (password, database)


@pytest.mark.parametrize(("written", "checks"), [("", True), ("no", False), ("False", False), ("yes", True)])
def test_options_of_tls(written: str, checks: bool, certificates: Certificates) -> None:
    authority = certificates.authority
    options = f"ssl_ca_certs={authority}&ssl_cert_reqs=none{f'&ssl_check_hostname={written}' if written else ''}"
    address = address_of(f"rediss://host?{options}")
    assert address.options["ssl_ca_certs"] == str(authority)
    assert address.options["ssl_cert_reqs"] == "none"
    assert address.options["ssl_check_hostname"] is checks


def test_files_that_are_no_certificates(tmp_path: Path, certificates: Certificates) -> None:
    junk, ours = tmp_path / "junk.pem", certificates.certificate
    junk.write_text("junk\n")
    cases = {
        f"ssl_ca_certs={junk}": "`ssl_ca_certs` has no certificates",
        f"ssl_certfile={junk}": "`ssl_certfile` must have a certificate in PEM form, and its key",
        f"ssl_certfile={ours}&ssl_keyfile={junk}": "`ssl_certfile` must have a certificate in PEM form, with the key",
        f"ssl_certfile={ours}": "`ssl_certfile` must have a certificate in PEM form, and its key",
        f"ssl_keyfile={certificates.key}": "an `ssl_keyfile`, but no `ssl_certfile`",
    }
    for options, words in cases.items():
        with pytest.raises(LogUnavailable, match=words):
            address_of(f"rediss://host?{options}")
    assert address_of(f"rediss://host?ssl_certfile={ours}&ssl_keyfile={certificates.key}").tls


def test_a_newline_at_the_end_is_none_of_it() -> None:
    address = address_of(" redis://:s3cret@host:1/2\n")
    assert (address.shown, address.options["db"]) == ("redis://host:1/2", 2)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "must begin with one of redis://"),
        ("localhost:6379", "must begin with one of redis://"),
        ("http://:s3cret@host", "must begin with one of redis://"),
        ("redis+sentinel://:s3cret@host", "must begin with one of redis://"),
        ("redis:host", "must begin with one of redis://"),
        ("redis://:s3cret@host:port", "has a port that is no number"),
        ("redis://:s3cret@host:99999", "has a port that is no number"),
        ("redis://:s3cret@host:0", "has a port that is no number from 1 to 65535"),
        ("redis://:s3cret", "has a port that is no number"),
        ("redis://chat:s3cret", "has a port that is no number"),
        ("rediss://:s3cret/0", "has a port that is no number"),
        ("redis+cluster://chat:s3,cret:x", "has a port that is no number"),
        ("redis://chat:3/cret", "names a database that is no number"),
        ("redis://:s3cret@[::1", "cannot be read"),
        ("redis://:s3cret@host/chat", "names a database that is no number"),
        ("redis://:s3/cret@host/0", "names a database that is no number"),
        ("redis://:s3#cret@host", "has a `#`"),
        ("redis://:s3cret@a,b", "names several hosts"),
        ("redis+cluster://:s3cret@host/1", "a cluster has only database 0"),
        ("redis://:s3cret@host?timeout=3", "has `timeout`, but redis:// takes nothing after a `?`"),
        ("redis://:s3cret@host?ssl_ca_certs=x", "has `ssl_ca_certs`, but redis:// takes nothing"),
        ("rediss://:s3cret@host?retry=1", "has `retry`, but rediss:// takes only ssl_ca_certs, "),
        ("rediss://:s3cret@host?ssl_cert_reqs=maybe", "`ssl_cert_reqs` must be none, optional or required"),
        ("rediss://:s3cret@host?ssl_ca_certs=/no/such.pem", "`ssl_ca_certs` is no file that can be read"),
        ("unix://:s3cret@", "names no socket"),
        ("unix://:s3cret@host/run/redis.sock", "names a host and a socket"),
    ],
)
def test_a_wrong_one_is_told_what_to_write(url: str, words: str) -> None:
    with pytest.raises(LogUnavailable) as caught:
        address_of(url)
    message = str(caught.value)
    assert message.startswith("CHATKIT_REDIS_URL (")
    assert words in message
    assert "Write redis://USER:PASSWORD@HOST:6379/0" in message
    assert "cret" not in message


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://host:1/2", "redis://host:1/2"),
        ("redis://:s3cret@host", "redis://host"),
        ("redis://chat:s3cret@host", "redis://chat@host"),
        ("redis://s3cret@host", "redis://host"),
        ("redis://:s3/c?r#e@t@host", "redis://host"),
        ("rediss+cluster://chat:s3cret@a,b:2?ssl_ca_certs=/x", "rediss+cluster://chat@a,b:2"),
        ("unix:///run/redis.sock?password=s3cret", "unix:///run/redis.sock"),
        ("redis://:s3cret", "redis://"),
        ("redis://chat:s3/cret", "redis://chat"),
        ("redis://chat:3/cret", "redis://chat:3"),
        ("rediss://:s3cret/0", "rediss://"),
        ("redis+cluster://chat:s3,cret:x", "redis+cluster://chat"),
        ("unix://:s3cret/run/redis.sock", "unix://"),
        ("redis://chat:s3cret@[::1]:6379/2", "redis://chat@[::1]:6379/2"),
        ("s3cret", "…"),
    ],
)
def test_shown_without_the_password(url: str, expected: str) -> None:
    assert shown(url) == expected
