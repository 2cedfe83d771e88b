"""``fastapi-chatkit``: the command line. A command is loaded when it is called."""

from __future__ import annotations

import importlib
import sys

try:
    import click
except ImportError:
    sys.exit("The command line needs more packages: pip install 'fastapi-chatkit[cli]'")

from .failing import failing_in_words

COMMANDS = {
    "serve": "Run the server.",
    "chat": "Talk to a server from the terminal.",
    "runs": "List the answers that are being written, or stop one.",
    "migrate": "Bring the database to this version's schema.",
    "token": "Print a token of a user, for development.",
}


class LazyGroup(click.Group):
    """Finds the command ``name`` as the attribute ``name`` of the module ``name``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of first use."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        try:
            module = importlib.import_module(f".{cmd_name}", __package__)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("fastapi_chatkit"):
                raise
            raise click.ClickException(f"{error.name} is missing: pip install 'fastapi-chatkit[cli]'") from None
        return getattr(module, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in ``--help``, without importing them all."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fastapi-chatkit", prog_name="fastapi-chatkit")
def cli() -> None:
    """A self-hosted ChatKit server for FastAPI.

    Settings come from CHATKIT_* variables or a .env file; flags win over them.
    """


def main() -> None:
    """The entry point. Exit codes: 0, 1 failed, 2 usage."""
    with failing_in_words():
        cli()


if __name__ == "__main__":
    main()
