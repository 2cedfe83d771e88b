"""Citations of a model as annotations of a message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from chatkit import types as sdk

from ...events import well_formed


def annotations_of(citations: Iterable[object] | None) -> list[sdk.Annotation]:
    """All that can be shown, in order."""
    found = (annotation_of(citation) for citation in citations or ())
    return [annotation for annotation in found if annotation is not None]


def annotation_of(citation: object) -> sdk.Annotation | None:
    """A cited page or file; ``None`` for other kinds, and for those that name no source.

    Citations come as models, as dicts (the client does not always recognize them), and sometimes half filled.
    """
    match _field(citation, "type"):
        case "url_citation":
            url = _text(citation, "url")
            title = _text(citation, "title") or url
            index = _field(citation, "end_index")
            source = sdk.URLSource(url=url, title=title) if url else None
        case "file_citation" | "container_file_citation" as kind:
            filename = _text(citation, "filename")
            index = _field(citation, "index" if kind == "file_citation" else "end_index")
            source = sdk.FileSource(filename=filename, title=filename) if filename else None
        case _:
            return None
    if source is None:
        return None
    return sdk.Annotation(source=source, index=index if isinstance(index, int) else None)


def _field(citation: object, name: str) -> Any:
    if isinstance(citation, Mapping):
        return cast("Mapping[str, Any]", citation).get(name)
    return getattr(citation, name, None)


def _text(citation: object, name: str) -> str:
    value = _field(citation, name)
    return well_formed(value) if isinstance(value, str) else ""
