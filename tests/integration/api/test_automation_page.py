"""What docs/how-to/automate-incidents.md shows works when pasted, in its order."""

import re
import shlex
from pathlib import Path

from incidents.access.model import KeyRole
from tests.building import firing
from tests.integration.api.conftest import Answered, Api
from tests.integration.api.test_schedules import on_call

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "automate-incidents.md"
WITHOUT_VALUE = {"-fsS"}


def commands() -> list[tuple[str, str]]:
    """(name of the variable that it sets, or "", what it runs) of each block but the one that makes the key."""
    _, *blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    found = []
    for command in "\n\n".join(blocks).strip().split("\n\n"):
        variable, told = re.fullmatch(r"(?:(\w+)=\$\()?(curl .*?)\)?", command.strip(), re.DOTALL).groups()
        found.append((variable or "", told))
    return found


async def run(command: str, variables: dict[str, str], api: Api) -> Answered:
    """As curl would."""
    command = command.replace("\\\n", " ")
    for name, value in variables.items():
        command = command.replace(f"${name}", value)
    _, *words = shlex.split(command)
    method, headers, body, url = "GET", {}, None, ""
    while words:
        match words.pop(0):
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                body = words.pop(0)
            case "-o" | "-w":
                words.pop(0)
            case word if word not in WITHOUT_VALUE:
                url = word
    assert url.startswith(f"{api.url}/api/v1/"), command
    return await api.call(method, url.removeprefix(f"{api.url}/api/v1"), headers=headers, data=body)


async def test_each_example_works_when_pasted(api: Api) -> None:
    on_call(api)
    await api.stage.take(firing(service="checkout"))
    variables = {"BONGSU": api.url, "KEY": await api.key(KeyRole.WRITE, name="ci")}
    statuses = []
    for variable, command in commands():
        told = await run(command, variables, api)
        assert told.status < 300, (command, told.text)
        statuses.append(told.status)
        if variable:
            variables[variable] = told.headers["Location"]
    assert len(statuses) == 11
    assert (await api.stage.kinds())[1:6] == ["acknowledged", "resolved", "reopened", "title_set", "severity_set"]
