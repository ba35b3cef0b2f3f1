from incidents.model import EventKind, Resolution, Status
from tests.integration.bot.workspace import ALICE, BOB, Workspace


async def test_a_note_goes_onto_the_timeline(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.choose(await workspace.post_card(incident_id), "note")
    assert (await workspace.modal())["title"]["text"] == "Note on INC-1"
    await workspace.submit({"note": {"note": "looking at the database"}})
    [note] = [event for event in await workspace.events(incident_id) if event.kind is EventKind.NOTED]
    assert (note.actor, note.data["text"]) == (ALICE, "looking at the database")


async def test_the_note_button_of_an_acknowledged_card_opens_the_same_form(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.click(await workspace.post_card(incident_id), "incident_acknowledge")
    await workspace.click(await workspace.post_card(incident_id), "incident_note")
    assert (await workspace.modal())["callback_id"] == "incident_note"


async def test_noise_closes_with_its_reason_and_its_real_takes_it_back(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.choose(await workspace.post_card(incident_id), "noise")
    await workspace.submit({"reason": {"reason": "flaky probe"}})
    incident = await workspace.incident(incident_id)
    assert (incident.resolution, incident.noise_reason) == (Resolution.NOISE, "flaky probe")
    await workspace.click(await workspace.post_card(incident_id), "incident_real")
    incident = await workspace.incident(incident_id)
    assert (incident.status, incident.is_noise) == (Status.ACTIVE, False)


async def test_assigning_to_a_person_and_to_nobody(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.choose(await workspace.post_card(incident_id), "assign")
    await workspace.submit({"person": {"person": BOB}})
    assert (await workspace.incident(incident_id)).assignee == BOB
    await workspace.choose(await workspace.post_card(incident_id), "assign")
    await workspace.submit({})
    assert (await workspace.incident(incident_id)).assignee is None


async def test_what_is_wrong_shows_under_the_field_and_the_form_stays(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    ts = await workspace.post_card(incident_id)
    await workspace.choose(ts, "noise")
    await workspace.command("noise 1", user=BOB)
    answer = await workspace.submit({"reason": {"reason": "flaky"}})
    assert answer["body"] == {
        "response_action": "errors",
        "errors": {"reason": "INC-1 is already marked as noise."},
    }
    assert (await workspace.modal())["callback_id"] == "incident_noise"


async def test_a_blank_note_is_refused_under_its_field(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.choose(await workspace.post_card(incident_id), "note")
    answer = await workspace.submit({"note": {"note": " \n "}})
    assert "it is empty" in answer["body"]["errors"]["note"]


async def test_while_the_database_is_away_the_text_that_was_typed_is_kept(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.choose(await workspace.post_card(incident_id), "note")
    workspace.doors.shut()
    answer = await workspace.submit({"note": {"note": "important"}})
    assert "can't reach its database" in answer["body"]["errors"]["note"]
    workspace.doors.trouble = None
    await workspace.submit({"note": {"note": "important"}})
    assert [e.kind for e in await workspace.events(incident_id)].count(EventKind.NOTED) == 1


async def test_a_form_of_an_older_version_is_answered(workspace: Workspace) -> None:
    incident_id = await workspace.has_incident()
    await workspace.choose(await workspace.post_card(incident_id), "note")
    view = await workspace.modal()
    old = {key: view[key] for key in ("type", "title", "submit", "blocks")} | {"callback_id": "of_old"}
    await workspace.client.views_update(view_id=view["id"], view=old)
    answer = await workspace.submit({"note": {"note": "x"}})
    assert "older version" in answer["body"]["errors"]["note"]
