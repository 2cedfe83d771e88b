"""TaskFlow in one process, with the settings of the environment: ``fastapi-chatkit serve --app MODULE:app``."""

from .app import create_app

app = create_app()
