"""What pods may do: the Pod Security Standard "restricted", and what we ask of ours beyond it.

https://kubernetes.io/docs/concepts/security/pod-security-standards/
"""

from collections.abc import Iterator

from bongsu import __version__
from bongsu.server import _BODIES_SECONDS, _DRAIN_SECONDS, _OPEN_REQUESTS_SECONDS
from tests.manifests.objects import Container, Installation, Pod, called

_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
_SLACK_CALL_SECONDS = 12
"""What is on its way to Slack is finished after the last request was answered."""
SHUTDOWN_SECONDS = _DRAIN_SECONDS + _BODIES_SECONDS + _OPEN_REQUESTS_SECONDS + _SLACK_CALL_SECONDS
USER = 10001
"""The Dockerfile's."""


def problems(installation: Installation) -> Iterator[str]:
    for namespace in installation.of_kind("Namespace"):
        if namespace["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"{called(namespace)} does not enforce the Pod Security Standard restricted"
    for pod in installation.pods():
        yield from (f"{pod.name}: {problem}" for problem in (*_restricted(pod), *_hardened(pod), *_stops(pod)))
        for container in pod.containers:
            told = (*_restricted_container(container), *_hardened_container(container), *_image(container))
            yield from (f"{container.name}: {problem}" for problem in told)


def _restricted(pod: Pod) -> Iterator[str]:
    for what in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.spec.get(what):
            yield f"{what} is not restricted"
    context = pod.spec.get("securityContext", {})
    if context.get("runAsNonRoot") is not True:
        yield "runAsNonRoot must be true"
    if context.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "seccompProfile must be RuntimeDefault"
    for volume in pod.spec.get("volumes", []):
        if not _VOLUMES & volume.keys():
            yield f"volume {volume['name']} is of a kind that is not restricted: {', '.join(volume.keys() - {'name'})}"


def _restricted_container(container: Container) -> Iterator[str]:
    context = container.spec.get("securityContext", {})
    if context.get("privileged"):
        yield "privileged is not restricted"
    if context.get("allowPrivilegeEscalation") is not False:
        yield "allowPrivilegeEscalation must be false"
    if context.get("capabilities") != {"drop": ["ALL"]}:
        yield "it must drop all capabilities and add none"
    if context.get("runAsNonRoot") is False or context.get("runAsUser") == 0:
        yield "it must not run as root"
    if any("hostPort" in port for port in container.spec.get("ports", [])):
        yield "hostPort is not restricted"


def _hardened(pod: Pod) -> Iterator[str]:
    context = pod.spec.get("securityContext", {})
    if any(context.get(what) != USER for what in ("runAsUser", "runAsGroup", "fsGroup")):
        yield f"runAsUser, runAsGroup and fsGroup must be {USER}: the image's user, who reads the secrets by the group"
    if pod.spec.get("automountServiceAccountToken") is not False:
        yield "automountServiceAccountToken must be false: nothing here asks Kubernetes"
    if pod.spec.get("enableServiceLinks") is not False:
        yield "enableServiceLinks must be false: BONGSU_PORT of the Service bongsu would be taken for the setting"
    for volume in pod.spec.get("volumes", []):
        if "emptyDir" in volume and "sizeLimit" not in (volume["emptyDir"] or {}):
            yield f"volume {volume['name']} has no sizeLimit, so it may fill the node's disk"
        if "secret" in volume and volume["secret"].get("defaultMode") != 0o440:
            yield f"volume {volume['name']} must have defaultMode 0440: for the group, and nobody else"


def _hardened_container(container: Container) -> Iterator[str]:
    if any("valueFrom" in one for one in container.spec.get("env", [])) or "envFrom" in container.spec:
        yield "secrets are mounted as files and named by …_FILE: in the environment every child and every dump has them"
    if container.spec.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
        yield "readOnlyRootFilesystem must be true"
    for path in ("/tmp", "/data"):
        if container.volume_at(f"{path}/x") is None:
            yield f"nothing is mounted at {path}, where the program may write"
    resources = container.spec.get("resources", {})
    if not {"cpu", "memory"} <= resources.get("requests", {}).keys() or "memory" not in resources.get("limits", {}):
        yield "it must request cpu and memory, and limit memory"
    if "cpu" in resources.get("limits", {}):
        yield "a limit of cpu throttles it in the minute in which everything fires"


def _image(container: Container) -> Iterator[str]:
    name, colon, tag = container.spec["image"].rpartition(":")
    if not colon or "/" in tag or "/" not in name:
        yield f"image {container.spec['image']} must name a registry and a tag"
    elif tag.partition("@")[0] != __version__:
        yield f"image {container.spec['image']} is not of this version, {__version__}"


def _stops(pod: Pod) -> Iterator[str]:
    """A server has time for all that it does before it ends."""
    for container in pod.containers:
        if container.spec.get("args") != ["serve"]:
            continue
        hook = container.spec.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", [])
        if len(hook) != 2 or hook[0] != "sleep":
            yield "it must sleep before it stops, while others learn that it goes"
        elif pod.spec.get("terminationGracePeriodSeconds", 30) < int(hook[1]) + SHUTDOWN_SECONDS:
            yield f"it stops within {int(hook[1]) + SHUTDOWN_SECONDS:g} s: terminationGracePeriodSeconds must be longer"
