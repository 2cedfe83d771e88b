"""What browsers load: the component, as ``web/`` builds it, and the chat page of ``serve``."""

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
"""The built component: ``chatkit.js``, and chunks that it loads when they are needed, with a hash in their names."""

PAGE = Path(__file__).parent / "page"
"""The page, its style and its script, which are served as they are."""
