"""What a widget offers: everything that using it sends, and nothing that was made up."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from chatkit.widgets import DynamicWidgetRoot
from hypothesis import given
from hypothesis import strategies as st

from fastapi_chatkit.agents.offers import MAX_DEPTH, offers, same

Json = dict[str, Any]


def card(*children: Json, **properties: Any) -> Json:
    return {"type": "Card", "children": list(children), **properties}


def button(action: str = "go", payload: Any = None, **properties: Any) -> Json:
    return {"type": "Button", "onClickAction": {"type": action, "payload": payload}, **properties}


def field(name: str, kind: str = "Input", **properties: Any) -> Json:
    return {"type": kind, "name": name, **properties}


def form(*children: Json, action: str = "send", payload: Any = None, **properties: Any) -> Json:
    return {
        "type": "Form",
        "onSubmitAction": {"type": action, "payload": payload},
        "children": list(children),
    } | properties


# --- values -----------------------------------------------------------------------------------------------------------

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from([0.0, 1.0, -1.0, 2.5]), st.text(max_size=3)
)
JSON = st.recursive(
    SCALARS, lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text(max_size=3), some, max_size=3)
)


def written(value: Any) -> str:
    """The value as canonical text, types and all."""
    if isinstance(value, dict):
        return "{" + ",".join(sorted(f"{key!r}:{written(one)}" for key, one in value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return repr(value)


@given(JSON, JSON)
def test_two_values_are_the_same_if_they_are_written_the_same(one: Any, other: Any) -> None:
    assert same(one, other) == (written(one) == written(other))
    assert same(one, copy.deepcopy(one))


@pytest.mark.parametrize(
    ("fixed", "sent"), [(1, True), (1, 1.0), (True, 1), (0, False), (1.0, 1), ("1", 1), ([1], [True])]
)
def test_numbers_and_truth_are_not_mixed_up(fixed: Any, sent: Any) -> None:
    widget = card(button(payload={"id": fixed}))
    assert offers(widget, "go", {"id": fixed}) is not None
    assert offers(widget, "go", {"id": sent}) is None


# --- any widget -------------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["title", "due", "todo.title", "todo.due.day", "todo.due", "tags"])
TYPES = st.sampled_from(["task.start", "task.create", "task.refresh"])
PAYLOADS = st.one_of(
    st.none(),
    st.dictionaries(st.sampled_from(["id", "project", "todo", "list"]), JSON, max_size=3),
    st.sampled_from([5, "text", [1, 2]]),
)
CONFIGS = st.fixed_dictionaries(
    {"type": TYPES, "payload": PAYLOADS, "handler": st.sampled_from(["server", "server", "client"])}
)
LEAVES = st.one_of(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["Button", "Box"]), "onClickAction": CONFIGS, "disabled": st.booleans()}
    ),
    st.fixed_dictionaries(
        {"type": st.sampled_from(["Input", "DatePicker", "Checkbox"]), "name": NAMES, "disabled": st.booleans()}
    ),
    st.fixed_dictionaries({"type": st.just("Select"), "name": NAMES, "onChangeAction": CONFIGS}),
    st.fixed_dictionaries(
        {"type": st.just("Text"), "value": st.text(max_size=3), "editable": st.fixed_dictionaries({"name": NAMES})}
    ),
)
BUTTONS = st.fixed_dictionaries({"label": st.just("OK"), "action": CONFIGS})


def containers(children: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    listed = st.lists(children, max_size=4)
    return st.one_of(
        st.fixed_dictionaries({"type": st.sampled_from(["Row", "Col"]), "children": listed}),
        st.fixed_dictionaries({"type": st.just("Transition"), "children": children}),
        st.fixed_dictionaries({"type": st.just("Form"), "children": listed, "onSubmitAction": CONFIGS}),
        st.fixed_dictionaries({"type": st.just("ListViewItem"), "children": listed, "onClickAction": CONFIGS}),
    )


WIDGETS = st.fixed_dictionaries(
    {"type": st.just("Card"), "children": st.lists(st.recursive(LEAVES, containers, max_leaves=12), max_size=4)},
    optional={"asForm": st.booleans(), "confirm": BUTTONS, "cancel": BUTTONS},
)


def children_of(node: Json) -> list[Json]:
    children = node.get("children", [])
    return children if isinstance(children, list) else [children]


def inputs_of(form_node: Json) -> Iterator[str]:
    """The names that a browser finds in a form: those in it, and not in a form inside of it."""
    for child in children_of(form_node):
        if child.get("disabled"):
            continue
        if child["type"] in ("Input", "DatePicker", "Checkbox", "Select"):
            yield child["name"]
        if "editable" in child:
            yield child["editable"]["name"]
        if child["type"] != "Form":
            yield from inputs_of(child)


def used(node: Json, names: list[str]) -> Iterator[tuple[Json, list[str]]]:
    """Every action that a browser could send, with the names of the inputs whose values go along."""
    if node.get("disabled"):
        return
    if node["type"] == "Form" or (node["type"] == "Card" and node.get("asForm")):
        names = list(inputs_of(node))
    for key in ("onClickAction", "onSubmitAction"):
        if key in node:
            yield node[key], names
    if "onChangeAction" in node:
        yield node["onChangeAction"], [*names, node["name"]]
    for key in ("confirm", "cancel"):
        if key in node:
            yield node[key]["action"], names
    for child in children_of(node):
        yield from used(child, names)


def sent(config: Json, names: list[str], draw: random.Random) -> Any:
    """What the browser makes of the fixed payload and some of the inputs' values."""
    payload = copy.deepcopy(config["payload"])
    if payload is not None and not isinstance(payload, dict):
        return payload
    payload = payload or {}
    for name in names:
        if draw.random() < 0.3:
            continue  # an input that was left empty
        *outer, last = name.split(".")
        place = payload
        for part in outer:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                break
        else:
            place.setdefault(last, draw.choice(["x", True, 3, None, ["a"]]))
    return payload


def offered(widget: Json) -> list[tuple[Json, list[str]]]:
    return [(config, names) for config, names in used(widget, []) if config["handler"] == "server"]


@given(WIDGETS, st.randoms(use_true_random=False))
def test_what_using_a_widget_sends_is_accepted(widget: Json, draw: random.Random) -> None:
    for config, names in offered(widget):
        found = offers(widget, config["type"], sent(config, names, draw))
        assert found is not None
        assert found["type"] == config["type"]
        assert found["handler"] == "server"


@given(WIDGETS, st.randoms(use_true_random=False), JSON)
def test_what_was_made_up_is_refused(widget: Json, draw: random.Random, value: Any) -> None:
    """One change at a time; each is no other action's either, as its mark is nowhere in the widget."""
    for config, names in offered(widget):
        payload = sent(config, names, draw)
        assert offers(widget, config["type"] + ".x", payload) is None
        if isinstance(payload, dict):
            assert offers(widget, config["type"], {**payload, "unknown key": value}) is None
        fixed = config["payload"]
        if isinstance(fixed, dict):
            for key in fixed:
                assert offers(widget, config["type"], {**payload, key: "no value of the widget"}) is None
        elif fixed is not None:
            assert offers(widget, config["type"], ["no value of the widget"]) is None


@given(WIDGETS, TYPES, JSON)
def test_nothing_is_offered_that_no_component_sends(widget: Json, action: str, payload: Any) -> None:
    if offers(widget, action, payload) is not None:
        assert action in {config["type"] for config, _ in offered(widget)}


@given(WIDGETS)
def test_a_disabled_widget_offers_nothing(widget: Json) -> None:
    for config, names in offered(widget):
        assert offers({**widget, "disabled": True}, config["type"], sent(config, names, random.Random(0))) is None


# --- forms ------------------------------------------------------------------------------------------------------------


def test_a_forms_inputs_come_along_with_every_action_inside() -> None:
    widget = card(form(field("title"), button("look", {"id": 1}), payload={"id": 2}))
    assert offers(widget, "send", {"id": 2, "title": "Milk"})
    assert offers(widget, "send", {"id": 2})
    assert offers(widget, "look", {"id": 1, "title": "Milk"})
    assert not offers(widget, "send", {"id": 1, "title": "Milk"})
    assert not offers(widget, "send", {"title": "Milk"})


def test_inputs_of_another_form_or_of_none_do_not() -> None:
    widget = card(form(field("title")), form(field("note"), action="note"), field("outside"), button("look"))
    assert offers(widget, "send", {"title": "x"})
    assert not offers(widget, "send", {"note": "x"})
    assert not offers(widget, "send", {"outside": "x"})
    assert not offers(widget, "look", {"outside": "x"})
    assert not offers(widget, "look", {"title": "x"})


def test_an_input_belongs_to_the_nearest_form() -> None:
    widget = card(field("title"), form(field("note")), asForm=True, confirm={"label": "OK", "action": {"type": "all"}})
    assert offers(widget, "all", {"title": "x"})
    assert not offers(widget, "all", {"note": "x"})
    assert offers(widget, "send", {"note": "x"})
    assert not offers(widget, "send", {"title": "x"})


@pytest.mark.parametrize("key", ["confirm", "cancel"])
def test_a_cards_own_buttons_carry_its_inputs_if_it_is_a_form(key: str) -> None:
    widget = card(field("title"), **{key: {"label": "OK", "action": {"type": "ok", "payload": {"id": 1}}}})
    assert offers(widget, "ok", {"id": 1})
    assert not offers(widget, "ok", {"id": 1, "title": "x"})
    assert offers({**widget, "asForm": True}, "ok", {"id": 1, "title": "x"})


def test_a_select_reports_its_own_value_anywhere() -> None:
    select = field("status", "Select", onChangeAction={"type": "filter", "payload": {"list": 1}})
    assert offers(card(select), "filter", {"list": 1, "status": "open"})
    assert not offers(card(select, field("other")), "filter", {"list": 1, "other": "x"})
    assert offers(card(select, field("other"), asForm=True), "filter", {"list": 1, "status": "open", "other": "x"})


def test_a_list_item_is_a_button() -> None:
    item = {"type": "ListViewItem", "children": [], "onClickAction": {"type": "open", "payload": {"id": 1}}}
    assert offers({"type": "ListView", "children": [item]}, "open", {"id": 1})


def test_dotted_names_nest_also_into_a_fixed_payload() -> None:
    widget = card(form(field("todo.title"), field("todo.due.day"), payload={"todo": {"id": 1}}))
    assert offers(widget, "send", {"todo": {"id": 1, "title": "x", "due": {"day": 2}}})
    assert offers(widget, "send", {"todo": {"id": 1}})
    assert not offers(widget, "send", {"todo": {"title": "x"}})
    assert not offers(widget, "send", {"todo": {"id": 1, "other": "x"}})
    assert not offers(widget, "send", {"todo": {"id": 1, "due": {"hour": 2}}})
    assert not offers(widget, "send", {"todo": {"id": 1}, "todo.title": "x"})


def test_an_input_gives_a_value_and_no_object() -> None:
    assert not offers(card(form(field("title"))), "send", {"title": {"deep": 1}})
    assert not offers(card(form(field("todo.title"))), "send", {"todo": "x"})


def test_a_disabled_input_sends_nothing() -> None:
    assert not offers(card(form(field("title", disabled=True))), "send", {"title": "x"})


def test_a_form_whose_submit_buttons_are_all_disabled_cannot_be_sent() -> None:
    closed, open_button = {"type": "Button", "submit": True, "disabled": True}, {"type": "Button", "submit": True}
    assert not offers(card(form(closed)), "send", {})
    assert offers(card(form(closed, open_button)), "send", {})


@pytest.mark.parametrize("fixed", [None, {}])
@pytest.mark.parametrize("payload", [None, {}])
def test_no_payload_is_an_empty_one(fixed: Any, payload: Any) -> None:
    assert offers(card(button(payload=fixed)), "go", payload)


def test_an_action_of_the_page_is_not_the_servers() -> None:
    pages = {"type": "Button", "onClickAction": {"type": "go", "handler": "client"}}
    assert not offers(card(pages), "go", None)
    assert offers(card(pages, button()), "go", None)


# --- odd widgets ------------------------------------------------------------------------------------------------------


def test_a_deep_widget_is_looked_into_as_far_as_the_limit() -> None:
    def nested(levels: int) -> Json:
        node = button()
        for _ in range(levels):
            node = {"type": "Box", "children": [node]}
        return node

    assert offers(nested(MAX_DEPTH), "go", None)
    assert not offers(nested(MAX_DEPTH + 1), "go", None)
    assert not offers(nested(50_000), "go", None)


def test_a_deep_payload_is_refused() -> None:
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    assert not offers(card(button(payload={"x": deep})), "go", {"x": deep})


@given(JSON, JSON)
def test_no_json_is_too_odd(value: Any, payload: Any) -> None:
    for key in ("children", "onClickAction", "confirm", "editable", "name", "disabled", "type"):
        offers({"type": "Text", key: value}, "go", payload)
    offers(
        {
            "type": "Form",
            "children": [value, {"type": "Input", "name": value}],
            "onSubmitAction": {"type": "go", "payload": value},
        },
        "go",
        payload,
    )


def test_a_widget_of_the_sdk_is_read_as_it_is_stored() -> None:
    root = DynamicWidgetRoot.model_validate(card(button("go", {"id": 1, "gone": None})))
    assert offers(root.model_dump(mode="json"), "go", {"id": 1})
