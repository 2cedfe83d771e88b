"""``fastapi-chatkit token``: a signed token for development."""

from __future__ import annotations

import click

from ..auth.development import DevelopmentTokens, development_key
from ..settings import TokenConfig

TEN_YEARS = 10 * 365 * 24


@click.command()
@click.argument("user")
@click.option(
    "--hours",
    default=7 * 24,
    show_default=True,
    type=click.IntRange(1, TEN_YEARS),
    help="How long it is valid.",
)
def token(user: str, hours: int) -> None:
    """Print a token of this USER, for development: whoever has it is this user to tools on this machine."""
    tokens = DevelopmentTokens(development_key(TokenConfig.load().token_key))
    try:
        signed = tokens.sign(user, seconds=hours * 3600)
    except ValueError as error:
        raise click.BadParameter(f"{error}.", param_hint="USER") from None
    click.echo(signed)
