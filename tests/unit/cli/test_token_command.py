"""``fastapi-chatkit token``."""

from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from fastapi_chatkit.auth.development import DevelopmentTokens
from fastapi_chatkit.auth.development_key import key_in
from fastapi_chatkit.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CHATKIT_TOKEN_KEY", raising=False)
    return tmp_path


def token(*arguments: str, key: str | None = None) -> Result:
    return CliRunner().invoke(main.cli, ["token", *arguments], env={"CHATKIT_TOKEN_KEY": key})


def test_the_token_is_all_that_is_printed(folder: Path) -> None:
    done = token("ada")
    assert (done.exit_code, done.stderr) == (0, "")
    key = key_in(folder / "chatkit.key")
    assert key is not None
    assert done.stdout.count("\n") == 1
    assert DevelopmentTokens(key).verify(done.stdout.strip()) == "ada"


def test_the_setting_is_the_key_also_in_a_file_of_settings(folder: Path) -> None:
    (folder / ".env").write_text(f"TASKFLOW_CHATKIT_TOKEN_KEY={'f' * 32}\n")
    assert DevelopmentTokens(SecretStr("f" * 32)).verify(token("ada").stdout.strip()) == "ada"
    assert DevelopmentTokens(SecretStr("k" * 32)).verify(token("ada", key="k" * 32).stdout.strip()) == "ada"
    assert not (folder / "chatkit.key").exists()


def test_other_settings_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATKIT_AUTH", "no such")
    assert token("ada").exit_code == 0


def test_it_is_valid_for_so_many_hours() -> None:
    signed = token("ada", "--hours", "2", key="k" * 32).stdout.strip()
    claims = jwt.decode(signed, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 7200


@pytest.mark.parametrize("arguments", [[], [""], [" ada"], ["ada", "--hours", "0"], ["ada", "--hours", "x"]])
def test_wrong_usage_exits_with_two_and_prints_no_token(arguments: list[str]) -> None:
    done = token(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")


def test_a_key_that_is_wrong_exits_with_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "chatkit.key").write_text("short")
    monkeypatch.setattr("sys.argv", ["fastapi-chatkit", "token", "ada"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 1
    shown = capsys.readouterr()
    assert (shown.out, shown.err[:7]) == ("", "Error: ")
    assert "set CHATKIT_TOKEN_KEY" in shown.err
