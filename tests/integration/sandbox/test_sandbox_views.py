import json
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.integration.sandbox.stage import Json, Stage, actions, asks, button, modal, plain

OPTIONS = [{"text": plain(v), "value": v} for v in ("30m", "1h")]
FORM = modal(
    asks("note"),
    asks("until", type="static_select", options=OPTIONS, action_id="until_pick"),
    asks("who", type="multi_users_select", action_id="who_pick") | {"optional": True},
    callback_id="snooze",
    private_metadata="INC-1",
)
FILLED = {"note": "deploying", "until_pick": "1h", "who": ["U0BOB", "U0CAROL"]}


def payload(stage: Stage) -> Json:
    found: Json = json.loads(stage.bot.last.form["payload"])
    return found


async def submit(stage: Stage, view: Json, values: Json) -> tuple[int, Json]:
    return await stage.attempt("submit", user="U0ALICE", view_id=view["id"], values=values)


async def error_of(call: Any) -> Json:
    with pytest.raises(SlackApiError) as error:
        await call
    answer: Json = error.value.response.data
    return answer


async def test_a_submission_carries_what_was_filled_in(stage: Stage) -> None:
    view = await stage.open_modal(FORM)
    status, result = await submit(stage, view, FILLED)
    assert (status, result["status"]) == (200, 200)
    told = payload(stage)
    assert (told["type"], told["view"]["callback_id"]) == ("view_submission", "snooze")
    assert told["view"]["private_metadata"] == "INC-1"
    assert told["view"]["state"]["values"] == {
        "note": {"note_text": {"type": "plain_text_input", "value": "deploying"}},
        "until": {"until_pick": {"type": "static_select", "selected_option": OPTIONS[1]}},
        "who": {"who_pick": {"type": "multi_users_select", "selected_users": ["U0BOB", "U0CAROL"]}},
    }
    assert await stage.views() == []


async def test_values_in_slacks_own_shape_are_understood_too(stage: Stage) -> None:
    view = await stage.open_modal(FORM)
    values = {
        "note": {"note_text": {"type": "plain_text_input", "value": "x"}},
        "until": {"until_pick": {"type": "static_select", "selected_option": {"value": "30m"}}},
    }
    assert (await submit(stage, view, values))[0] == 200
    state = payload(stage)["view"]["state"]["values"]
    assert state["until"]["until_pick"]["selected_option"] == OPTIONS[0]
    assert state["who"]["who_pick"]["selected_users"] == []


async def test_a_form_left_incomplete_is_not_sent(stage: Stage) -> None:
    view = await stage.open_modal(FORM)
    received = len(stage.bot.received)
    status, answer = await submit(stage, view, {"note": ""})
    assert status == 422
    assert set(answer["errors"]) == {"note", "until"}
    assert len(stage.bot.received) == received


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "plain_text_input", "min_length": 3}, "ab"),
        ({"type": "plain_text_input", "max_length": 3}, "abcd"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5"),
        ({"type": "number_input", "is_decimal_allowed": True}, "many"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "4"}, "5"),
        ({"type": "email_text_input"}, "alice"),
        ({"type": "url_text_input"}, "runbook"),
    ],
)
async def test_what_slacks_client_would_not_submit_is_not_sent(stage: Stage, element: Json, value: str) -> None:
    view = await stage.open_modal(modal(asks("field", **element)))
    status, answer = await submit(stage, view, {"field": value})
    assert (status, set(answer["errors"])) == (422, {"field"})


async def test_a_field_that_the_form_does_not_have_is_refused(stage: Stage) -> None:
    view = await stage.open_modal(FORM)
    assert (await submit(stage, view, {"colour": "red"}))[0] == 422
    assert (await submit(stage, view, {"until": "forever"}))[0] == 409


async def test_errors_keep_the_modal_open(stage: Stage) -> None:
    view = await stage.open_modal(FORM)
    stage.bot.answers(json={"response_action": "errors", "errors": {"note": "Say more."}})
    await submit(stage, view, FILLED)
    (shown,) = await stage.views()
    assert shown["errors"] == {"note": "Say more."}
    assert shown["state"]["values"]["note"]["note_text"]["value"] == "deploying"


async def test_errors_at_no_input_are_refused_as_slack_refuses_them(stage: Stage) -> None:
    view = await stage.open_modal(FORM)
    stage.bot.answers(json={"response_action": "errors", "errors": {"nothing": "x"}})
    _, result = await submit(stage, view, FILLED)
    assert "nothing" in result["ack_error"]
    assert (await stage.views())[0]["errors"] == {"": "We had some trouble connecting. Try again?"}


async def test_update_push_and_clear_do_so(stage: Stage) -> None:
    view = await stage.open_modal(FORM)
    second = modal(asks("why"), callback_id="second")
    stage.bot.answers(json={"response_action": "update", "view": second})
    await submit(stage, view, FILLED)
    (shown,) = await stage.views()
    assert (shown["id"], shown["callback_id"]) == (view["id"], "second")
    stage.bot.answers(json={"response_action": "push", "view": FORM})
    await submit(stage, view, {"why": "x"})
    pushed = (await stage.views())[1]
    assert (pushed["previous_view_id"], pushed["root_view_id"]) == (view["id"], view["id"])
    assert (await submit(stage, view, {"why": "x"}))[0] == 409
    stage.bot.answers(json={"response_action": "clear"})
    await submit(stage, pushed, FILLED)
    assert await stage.views() == []


async def test_a_bad_view_in_an_acknowledgement_is_refused_visibly(stage: Stage) -> None:
    view = await stage.open_modal(FORM)
    stage.bot.answers(json={"response_action": "update", "view": {"type": "modal", "blocks": []}})
    _, result = await submit(stage, view, FILLED)
    assert "missing required field: title" in result["ack_error"]
    assert (await stage.views())[0]["callback_id"] == "snooze"


async def test_a_bot_that_fails_leaves_the_modal_open(stage: Stage) -> None:
    view = await stage.open_modal(FORM)
    stage.bot.answers(status=500)
    await submit(stage, view, FILLED)
    assert (await stage.views())[0]["errors"] == {"": "We had some trouble connecting. Try again?"}


async def test_closing_is_told_only_to_a_bot_that_asked(stage: Stage) -> None:
    view = await stage.open_modal(FORM)
    received = len(stage.bot.received)
    result = await stage.do("close", user="U0ALICE", view_id=view["id"])
    assert (result["sent"], len(stage.bot.received)) == (False, received)
    view = await stage.open_modal({**FORM, "notify_on_close": True})
    result = await stage.do("close", user="U0ALICE", view_id=view["id"])
    assert result["sent"] is True
    told = payload(stage)
    assert (told["type"], told["view"]["id"], told["is_cleared"]) == ("view_closed", view["id"], False)
    assert await stage.views() == []


async def test_at_most_three_modals_are_stacked(stage: Stage) -> None:
    await stage.open_modal(modal(asks("one")))
    for _ in range(2):
        await stage.client.views_push(trigger_id=await stage.trigger(), view=modal(asks("more")))
    answer = await error_of(stage.client.views_push(trigger_id=await stage.trigger(), view=FORM))
    assert answer["error"] == "push_limit_reached"
    assert len(await stage.views()) == 3


async def test_a_push_needs_an_open_modal(stage: Stage) -> None:
    answer = await error_of(stage.client.views_push(trigger_id=await stage.trigger(), view=FORM))
    assert answer["error"] == "invalid_trigger_id"


async def test_an_update_keeps_what_was_typed_and_checks_the_hash(stage: Stage) -> None:
    opened = await stage.open_modal(modal(asks("note")))
    view_id = opened["id"]
    act = {"user": "U0ALICE", "view_id": view_id, "action_id": "note_text", "value": "typed"}
    await stage.do("click", **act)
    told = payload(stage)
    assert (told["container"], told["actions"][0]["value"]) == ({"type": "view", "view_id": view_id}, "typed")
    updated = await stage.client.views_update(view_id=view_id, hash=opened["hash"], view=modal(asks("note")))
    assert updated["view"]["state"]["values"]["note"]["note_text"]["value"] == "typed"
    call = stage.client.views_update(view_id=view_id, hash=opened["hash"], view=FORM)
    assert (await error_of(call))["error"] == "hash_conflict"


async def test_a_view_that_is_closed_is_not_found(stage: Stage) -> None:
    view = await stage.open_modal(FORM)
    await stage.do("close", user="U0ALICE", view_id=view["id"])
    call = stage.client.views_update(view_id=view["id"], view=FORM)
    assert (await error_of(call))["error"] == "not_found"
    assert (await submit(stage, view, FILLED))[0] == 404


async def test_a_bad_view_is_pointed_at_and_spares_the_trigger(stage: Stage) -> None:
    trigger = await stage.trigger()
    bad = {**FORM, "title": plain("x" * 25)}
    answer = await error_of(stage.client.views_open(trigger_id=trigger, view=bad))
    assert answer["error"] == "invalid_arguments"
    told = "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"
    assert answer["response_metadata"]["messages"] == [told]
    assert (await stage.client.views_open(trigger_id=trigger, view=FORM))["ok"]


async def test_an_external_id_is_unique_and_finds_its_view(stage: Stage) -> None:
    view = await stage.open_modal({**FORM, "external_id": "mine"})
    updated = await stage.client.views_update(external_id="mine", view={**FORM, "external_id": "mine"})
    assert updated["view"]["id"] == view["id"]
    call = stage.client.views_open(trigger_id=await stage.trigger("U0BOB"), view={**FORM, "external_id": "mine"})
    assert (await error_of(call))["error"] == "duplicate_external_id"


async def test_a_home_is_published_per_person_and_its_buttons_work(stage: Stage) -> None:
    home = {"type": "home", "blocks": [actions(button("open", "INC-1"))]}
    first = await stage.client.views_publish(user_id="U0ALICE", view=home)
    assert (await stage.see("home", user="U0BOB"))["home"] is None
    shown = (await stage.see("home", user="U0ALICE"))["home"]
    assert shown["id"] == first["view"]["id"]
    await stage.do("click", user="U0ALICE", view_id=shown["id"], action_id="open")
    assert payload(stage)["view"]["type"] == "home"
    assert (await stage.attempt("click", user="U0BOB", view_id=shown["id"], action_id="open"))[0] == 404
    again = await stage.client.views_publish(user_id="U0ALICE", view=home, hash=first["view"]["hash"])
    assert again["view"]["id"] == first["view"]["id"]
    call = stage.client.views_publish(user_id="U0ALICE", view=home, hash=first["view"]["hash"])
    assert (await error_of(call))["error"] == "hash_conflict"
