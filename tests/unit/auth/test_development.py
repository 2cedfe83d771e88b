"""Development tokens, and the key that they are signed with."""

import base64
import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from fastapi_chatkit.auth.development import ISSUER, DevelopmentTokens
from fastapi_chatkit.auth.development_key import development_key, key_in
from fastapi_chatkit.errors import InvalidToken
from fastapi_chatkit.settings import Settings, SettingsError

KEY = SecretStr("k" * 32)
TOKENS = DevelopmentTokens(KEY)


@pytest.mark.parametrize("user", ["alice", "łukasz", "a b", "x" * 255, "123"])
def test_a_token_names_its_user(user: str) -> None:
    assert TOKENS.verify(TOKENS.sign(user)) == user


def test_a_token_says_who_when_how_long_and_by_whom() -> None:
    before = int(time.time())
    claims = jwt.decode(TOKENS.sign("alice", seconds=60), options={"verify_signature": False})
    assert claims.keys() == {"sub", "iat", "exp", "iss"}
    assert (claims["sub"], claims["iss"], claims["exp"] - claims["iat"]) == ("alice", ISSUER, 60)
    assert before <= claims["iat"] <= time.time()


@pytest.mark.parametrize("user", ["", " ", " alice", "a\nb", "x" * 256])
def test_nobody_signs_for_a_user_that_no_request_can_name(user: str) -> None:
    with pytest.raises(ValueError, match="1 to 255"):
        TOKENS.sign(user)


def signed(key: str = KEY.get_secret_value(), algorithm: str = "HS256", **changes: Any) -> str:
    now = int(time.time())
    claims = {"sub": "alice", "iat": now, "exp": now + 60, "iss": ISSUER, **changes}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm=algorithm)


def unsigned() -> str:
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": "alice", "iat": 0, "exp": 2**40, "iss": ISSUER})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


@pytest.mark.parametrize(
    "token",
    [
        "",
        "local",
        unsigned(),
        signed(key="x" * 32),
        signed(key="k" * 64, algorithm="HS512"),
        signed(exp=int(time.time()) - 60),
        signed(iat=int(time.time()) + 3600),
        signed(iss="somebody"),
        signed(iss=None),
        signed(sub=None),
        signed(exp=None),
        signed(iat=None),
        signed(exp="soon"),
        signed(aud="another"),
        signed() + "x",
        signed()[:-4],
        "\u00e9.\u00e9.\u00e9",
        "\ud800.a.b",
    ],
)
def test_what_was_not_signed_here_for_now_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken) as refused:
        TOKENS.verify(token)
    assert refused.value.__suppress_context__


@given(st.text())
def test_no_text_is_more_than_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        TOKENS.verify(token)


def test_a_short_key_signs_nothing_and_is_not_shown() -> None:
    with pytest.raises(ValueError, match="at least 32") as refused:
        DevelopmentTokens(SecretStr("short"))
    assert "short" not in str(refused.value)


# --- the key ----------------------------------------------------------------------------------------------------------


def test_the_setting_is_the_key_and_no_file_is_made(tmp_path: Path) -> None:
    path = tmp_path / "chatkit.key"
    assert development_key(KEY, path) is KEY
    assert not path.exists()


def test_a_short_setting_stops_the_start_without_being_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CHATKIT_TOKEN_KEY", "s3cret")
    with pytest.raises(SettingsError) as refused:
        Settings.load()
    assert str(refused.value) == "CHATKIT_TOKEN_KEY: must have at least 32 characters"
    monkeypatch.setenv("CHATKIT_TOKEN_KEY", "k" * 32)
    assert Settings.load().token_key == KEY
    monkeypatch.setenv("CHATKIT_TOKEN_KEY", "")
    assert Settings.load().token_key is None


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "chatkit.key"
    assert key_in(path) is None
    key = development_key(None, path)
    assert len(key.get_secret_value()) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert development_key(None, path) == key == key_in(path)
    assert [file.name for file in tmp_path.iterdir()] == ["chatkit.key"]


def test_processes_that_need_a_key_at_once_agree(tmp_path: Path) -> None:
    script = (
        "import sys; from fastapi_chatkit.auth.development import development_key; print('ready', flush=True);"
        "sys.stdin.readline(); print(development_key().get_secret_value())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert len({process.communicate(timeout=30)[0] for process in processes}) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["chatkit.key"]


def test_who_comes_second_takes_the_key_of_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "chatkit.key"
    link = os.link

    def second(source: Path, target: Path) -> None:
        path.write_text("f" * 40)
        path.chmod(0o600)
        link(source, target)

    monkeypatch.setattr(os, "link", second)
    assert development_key(None, path).get_secret_value() == "f" * 40
    assert [file.name for file in tmp_path.iterdir()] == ["chatkit.key"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"abc\n", "less than 32"),
        (b"\x00" * 40, "is no key"),
        (b"-----BEGIN PRIVATE KEY-----\n" + b"A" * 64 + b"\n", "is no key"),
        ("ł".encode() * 40, "is no key"),
        (b"a" * 5000, "is no key"),
    ],
)
def test_a_file_that_holds_no_key_is_left_alone(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "chatkit.key"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=rf"{problem}.*: remove it and a new one is made, or set CHATKIT_TOKEN_KEY"):
        development_key(None, path)
    assert path.read_bytes() == content


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        key_in(tmp_path)


def test_where_nothing_can_be_written_the_setting_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot be made here .*: set CHATKIT_TOKEN_KEY"):
        development_key(None, tmp_path / "missing" / "chatkit.key")


def test_a_key_that_others_can_read_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "chatkit.key"
    key = development_key(None, path)
    with caplog.at_level(logging.WARNING):
        key_in(path)
        assert caplog.records == []
        path.chmod(0o644)
        assert key_in(path) == key
    assert "chmod 600" in caplog.text
    assert key.get_secret_value() not in caplog.text


def test_a_key_of_another_user_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "chatkit.key"
    development_key(None, path)
    owner = path.stat().st_uid
    if owner == 0:
        os.chown(path, 1234, -1)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(SettingsError, match="belongs to another user"):
        key_in(path)
