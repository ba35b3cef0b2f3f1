"""What the manifests say of the program: it is asked itself, with the settings that they set."""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from opentelemetry.sdk import environment_variables

from bongsu.app import assemble
from bongsu.cli import _COMMANDS
from bongsu.settings import Settings, read_settings, require_for_serving
from incidents.errors import InvalidInput
from tests.manifests.objects import Container, Installation, called

_OF_OPENTELEMETRY = {name for name in vars(environment_variables) if name.startswith("OTEL_")}
_PROXIES = {"HTTPS_PROXY", "NO_PROXY"}
_INSIDE = ("/healthz", "/readyz", "/metrics")
_PROBES = {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"}


class _Asked(dict[str, str]):
    """An environment that remembers which variables it was asked for."""

    def __init__(self, told: Mapping[str, str]) -> None:
        super().__init__(told)
        self.names: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        self.names.add(name)
        return super().get(name, default)


def problems(installation: Installation) -> Iterator[str]:
    for pod in installation.pods():
        for container in pod.containers:
            yield from (f"{container.name}: {problem}" for problem in _of_container(container, installation))
    yield from _addresses(installation)


def _of_container(container: Container, installation: Installation) -> Iterator[str]:
    command = container.spec.get("args", ["serve"])[0]
    if command not in _COMMANDS:
        yield f"bongsu has no command {command}"
        return
    with tempfile.TemporaryDirectory() as folder:
        environ, missing = _environment(container, installation, Path(folder))
        yield from missing
        if missing:
            return
        try:
            settings = read_settings(environ)
            if command == "serve":
                require_for_serving(settings)
        except InvalidInput as error:
            yield f"the program does not start: {error}"
            return
        known = environ.names | _OF_OPENTELEMETRY | _PROXIES
        yield from (f"the program knows no {name}" for name in sorted(container.env.keys() - known))
        yield from _listens(container, settings)
        if command == "serve":
            yield from _probes(container, routes())


def _environment(container: Container, installation: Installation, folder: Path) -> tuple[_Asked, list[str]]:
    """With files in ``folder`` in the place of those that are mounted; and what is mounted nowhere."""
    environ, missing = _Asked(container.env), []
    for name, path in container.env.items():
        if not name.endswith("_FILE") and name != "BONGSU_CONFIG":
            continue
        held = _held(container, installation, path)
        if held is None:
            missing.append(f"{name}: nothing that is mounted has {path}")
            continue
        (folder / name).write_text(held, "utf-8")
        environ[name] = str(folder / name)
    return environ, missing


def _held(container: Container, installation: Installation, path: str) -> str | None:
    """What a file of a Secret or a ConfigMap holds."""
    mounted = container.volume_at(path)
    if mounted is None:
        return None
    volume, key = mounted
    if "secret" in volume:
        one = installation.named("Secret", volume["secret"]["secretName"])
        return (one or {}).get("stringData", {}).get(key)
    one = installation.named("ConfigMap", volume.get("configMap", {}).get("name", ""))
    return (one or {}).get("data", {}).get(key)


def _listens(container: Container, settings: Settings) -> Iterator[str]:
    ports = [port["containerPort"] for port in container.spec.get("ports", [])]
    if ports and ports != [settings.port]:
        yield f"the program listens on {settings.port}, not on {ports}"


def _probes(container: Container, known: frozenset[str]) -> Iterator[str]:
    ports = {port["name"] for port in container.spec.get("ports", [])}
    for probe, path in _PROBES.items():
        asked = container.spec.get(probe, {}).get("httpGet", {})
        if asked.get("path") != path or path not in known:
            yield f"its {probe} must ask {path}"
        if asked.get("port") not in ports:
            yield f"its {probe} asks a port that it doesn't have"


def _addresses(installation: Installation) -> Iterator[str]:
    ingresses, monitors = list(installation.of_kind("Ingress")), list(installation.of_kind("ServiceMonitor"))
    if not ingresses and not monitors:
        return
    known = routes()
    for ingress in ingresses:
        paths = {path["path"] for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]}
        for path in sorted(paths):
            led = [one for one in known if one == path or one.startswith(path.rstrip("/") + "/")]
            if not led:
                yield f"{called(ingress)}: {path} leads to no route"
            yield from (f"{called(ingress)}: {path} shows {one} to everybody" for one in _INSIDE if one in led)
    for monitor in monitors:
        for endpoint in monitor["spec"]["endpoints"]:
            if endpoint.get("path", "/metrics") not in known:
                yield f"{called(monitor)}: {endpoint['path']} is no route"


_ENOUGH = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "1",
    "SLACK_CLIENT_ID": "1.1",
    "SLACK_CLIENT_SECRET": "1",
    "BONGSU_WEBHOOK_TOKEN": "1",
}


@cache
def routes() -> frozenset[str]:
    """Paths that the program answers. Nothing is connected to."""
    return asyncio.run(_routes(read_settings(_ENOUGH)))


async def _routes(settings: Settings) -> frozenset[str]:
    bongsu = await assemble(settings)
    try:
        return frozenset(resource.canonical for resource in bongsu.web.router.resources())
    finally:
        await bongsu.session.close()
        await bongsu.engines.dispose()
