"""Each thing that can be wrong with the manifests is found, and those that are committed have none of them."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.manifests import network, pods, program, wiring
from tests.manifests.objects import MANIFESTS, Installation, Object, read
from tests.manifests.rendering import RENDERED, rendered_file

SECRETS = read(MANIFESTS / "secret.example.yaml")
AVAILABLE = read(rendered_file("highly-available"))
MONITORING = read(rendered_file("monitoring"))


def problems(objects: list[Object], secrets: list[Object], rooms: Any = (pods, wiring, network, program)) -> list[str]:
    return [problem for room in rooms for problem in room.problems(Installation(objects, secrets))]


class Drafts:
    """The highly available installation with monitoring, to be spoilt."""

    def __init__(self) -> None:
        self.objects, self.secrets = deepcopy([*AVAILABLE, *MONITORING]), deepcopy(SECRETS)

    def the(self, kind: str, name: str = "bongsu") -> Any:
        found = Installation(self.objects, self.secrets).named(kind, name)
        assert found is not None
        return found

    @property
    def pod(self) -> Any:
        return self.the("Deployment")["spec"]["template"]["spec"]

    @property
    def container(self) -> Any:
        return self.pod["containers"][0]

    def sets(self, name: str, value: str) -> None:
        self.container["env"].append({"name": name, "value": value})

    def lacks(self, kind: str, name: str = "bongsu") -> None:
        self.objects.remove(self.the(kind, name))

    def path(self, name: str) -> Any:
        return next(one for one in self.container["env"] if one["name"] == name)


@pytest.mark.parametrize("name", sorted(RENDERED.keys() - {"monitoring"}))
def test_what_is_committed_has_nothing_wrong(name: str) -> None:
    assert problems([*read(rendered_file(name))], SECRETS) == []


def test_monitoring_finds_what_it_watches() -> None:
    assert problems([*AVAILABLE, *MONITORING], SECRETS) == []


Spoil = Callable[[Drafts], object]

PODS: list[tuple[str, Spoil, str]] = [
    ("root", lambda d: d.pod["securityContext"].update(runAsNonRoot=False), "runAsNonRoot must be true"),
    ("another user", lambda d: d.pod["securityContext"].update(runAsUser=1000), "must be 10001"),
    ("secrets nobody reads", lambda d: d.pod["securityContext"].pop("fsGroup"), "must be 10001"),
    ("no seccomp", lambda d: d.pod["securityContext"].pop("seccompProfile"), "seccompProfile"),
    ("the host's network", lambda d: d.pod.update(hostNetwork=True), "hostNetwork"),
    ("the host's disk", lambda d: d.pod["volumes"].append({"name": "x", "hostPath": {"path": "/"}}), "volume x is"),
    ("a token", lambda d: d.pod.pop("automountServiceAccountToken"), "automountServiceAccountToken"),
    ("links", lambda d: d.pod.pop("enableServiceLinks"), "BONGSU_PORT"),
    (
        "escalation",
        lambda d: d.container["securityContext"].pop("allowPrivilegeEscalation"),
        "allowPrivilegeEscalation",
    ),
    ("capabilities", lambda d: d.container["securityContext"]["capabilities"].update(add=["NET_RAW"]), "capabilities"),
    ("a secret for each child", lambda d: d.path("BONGSU_CONFIG").update(valueFrom={}), "mounted as files"),
    ("a writable root", lambda d: d.container["securityContext"].pop("readOnlyRootFilesystem"), "readOnlyRoot"),
    ("no room to write", lambda d: d.container["volumeMounts"].pop(), "nothing is mounted at /tmp"),
    ("no bounds", lambda d: d.container["resources"].pop("limits"), "limit memory"),
    ("throttled", lambda d: d.container["resources"]["limits"].update(cpu="1"), "throttles"),
    (
        "whatever is latest",
        lambda d: d.container.update(image="registry.example.com/bongsu:latest"),
        "not of this version",
    ),
    ("no registry", lambda d: d.container.update(image="bongsu"), "must name a registry and a tag"),
    ("killed too soon", lambda d: d.pod.update(terminationGracePeriodSeconds=30), "it stops within 45 s"),
    ("gone at once", lambda d: d.container.pop("lifecycle"), "must sleep"),
    ("any pod", lambda d: d.the("Namespace")["metadata"].pop("labels"), "does not enforce"),
    ("an endless folder", lambda d: d.pod["volumes"][-1].update(emptyDir={}), "no sizeLimit"),
    ("a secret for all", lambda d: d.pod["volumes"][1]["secret"].pop("defaultMode"), "defaultMode 0440"),
]
WIRING: list[tuple[str, Spoil, str]] = [
    ("elsewhere", lambda d: d.the("Service")["metadata"].update(namespace="default"), "not in the namespace bongsu"),
    ("pods of others", lambda d: d.the("Deployment")["spec"]["selector"]["matchLabels"].update(x="y"), "its own pods"),
    (
        "a service of nobody",
        lambda d: d.the("Service")["spec"]["selector"].update(x="y"),
        "Service bongsu selects no pod",
    ),
    (
        "requests to the migration",
        lambda d: d.the("Service")["spec"]["selector"].pop("app.kubernetes.io/component"),
        "selects pods that are no server's",
    ),
    (
        "a budget of nobody",
        lambda d: d.the("PodDisruptionBudget")["spec"]["selector"]["matchLabels"].update(x="y"),
        "PodDisruptionBudget bongsu selects no pod",
    ),
    (
        "spread by others",
        lambda d: d.pod["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"].update(x="y"),
        "by kubernetes.io/hostname does not select",
    ),
    ("no such port", lambda d: d.the("Service")["spec"]["ports"][0].update(targetPort="web"), "has no port web"),
    (
        "a policy for no port",
        lambda d: d.the("NetworkPolicy", "bongsu-server")["spec"]["ingress"][0]["ports"][0].update(port=9090),
        "has no port 9090",
    ),
    ("no certificate", lambda d: d.the("Ingress")["spec"]["rules"][0].update(host="x.example"), "x.example has no"),
    ("an ingress to nowhere", lambda d: d.the("Service")["spec"]["ports"][0].update(name="web"), "with port http"),
    ("nothing to scrape", lambda d: d.the("Service")["metadata"]["labels"].clear(), "ServiceMonitor bongsu selects no"),
    ("scaling nothing", lambda d: d.the("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"].update(name="x"), "is no"),
    ("two who count", lambda d: d.the("Deployment")["spec"].update(replicas=3), "takes back with each apply"),
    ("no settings", lambda d: d.lacks("ConfigMap"), "there is no ConfigMap bongsu"),
    ("no account", lambda d: d.lacks("ServiceAccount"), "there is no ServiceAccount bongsu"),
    ("a volume for nobody", lambda d: d.container["volumeMounts"].pop(), "volumes and mounts differ: tmp"),
    ("said twice", lambda d: d.sets("BONGSU_CONFIG", "/etc/bongsu/bongsu.yaml"), "BONGSU_CONFIG is set twice"),
    ("an old job", lambda d: d.the("Job", "bongsu-migrate-0-1-0")["metadata"].update(name="migrate"), "must end with"),
]
NETWORK: list[tuple[str, Spoil, str]] = [
    ("open to all", lambda d: [d.lacks("NetworkPolicy", f"bongsu-{one}") for one in ("server", "dns")], "ingress"),
    ("without names", lambda d: d.lacks("NetworkPolicy", "bongsu-dns"), "look up names"),
    (
        "credentials of the machine",
        lambda d: d.the("NetworkPolicy", "bongsu-server")["spec"]["egress"][0]["to"][0]["ipBlock"].pop("except"),
        "reaches the metadata address 169.254.169.254",
    ),
    (
        "the same in IPv6",
        lambda d: d.the("NetworkPolicy", "bongsu-database")["spec"]["egress"][0]["to"][1]["ipBlock"].pop("except"),
        "reaches the metadata address fd00:ec2::254",
    ),
    ("everybody", lambda d: d.the("NetworkPolicy", "bongsu-server")["spec"]["ingress"][0].pop("from"), "everybody"),
    ("all ports", lambda d: d.the("NetworkPolicy", "bongsu-dns")["spec"]["egress"][0].pop("ports"), "which means all"),
]
PROGRAM: list[tuple[str, Spoil, str]] = [
    ("an unknown setting", lambda d: d.sets("BONGSU_LOGLEVEL", "INFO"), "the program knows no BONGSU_LOGLEVEL"),
    ("a wrong setting", lambda d: d.sets("BONGSU_LOG_LEVEL", "LOUD"), "does not start: BONGSU_LOG_LEVEL"),
    ("another port", lambda d: d.sets("BONGSU_PORT", "9090"), "listens on 9090"),
    ("no such command", lambda d: d.container.update(args=["run"]), "has no command run"),
    (
        "no such key",
        lambda d: d.path("SLACK_BOT_TOKEN_FILE").update(value="/run/secrets/bongsu/slack"),
        "nothing that is",
    ),
    (
        "mounted nowhere",
        lambda d: d.path("BONGSU_CONFIG").update(value="/config/bongsu.yaml"),
        "has /config/bongsu.yaml",
    ),
    ("no door", lambda d: d.container["env"].remove(d.path("BONGSU_WEBHOOK_TOKEN_FILE")), "no webhook credential"),
    (
        "a bad file",
        lambda d: d.the("ConfigMap")["data"].update({"bongsu.yaml": "slak: {}"}),
        "slak",
    ),
    ("a wrong key", lambda d: d.the("Secret")["stringData"].update({"slack-bot-token": "x"}), "start: SLACK_BOT_TOKEN"),
    ("no such probe", lambda d: d.container["livenessProbe"]["httpGet"].update(path="/health"), "must ask /healthz"),
    ("killed without a database", lambda d: d.container["livenessProbe"]["httpGet"].update(path="/readyz"), "liveness"),
    ("a probe of no port", lambda d: d.container["readinessProbe"]["httpGet"].update(port="web"), "asks a port"),
    (
        "metrics for everybody",
        lambda d: d.the("Ingress")["spec"]["rules"][0]["http"]["paths"][0].update(path="/"),
        "/ shows /metrics to everybody",
    ),
    (
        "an address of nothing",
        lambda d: d.the("Ingress")["spec"]["rules"][0]["http"]["paths"][0].update(path="/hooks"),
        "/hooks leads to no route",
    ),
    (
        "no metrics",
        lambda d: d.the("ServiceMonitor")["spec"]["endpoints"][0].update(path="/stats"),
        "/stats is no route",
    ),
]
OF_ROOM = {pods: PODS, wiring: WIRING, network: NETWORK, program: PROGRAM}
SPOILT = [
    pytest.param(room, spoil, told, id=f"{room.__name__.rpartition('.')[2]}: {what}")
    for room, cases in OF_ROOM.items()
    for what, spoil, told in cases
]


@pytest.mark.parametrize(("room", "spoil", "told"), SPOILT)
def test_what_is_wrong_is_named(room: Any, spoil: Spoil, told: str) -> None:
    drafts = Drafts()
    spoil(drafts)
    assert [one for one in problems(drafts.objects, drafts.secrets, (room,)) if told in one]


def test_three_pods_stay_while_one_is_replaced_or_a_node_is_drained() -> None:
    installation = Installation(AVAILABLE, SECRETS)
    (scaler,), (deployment,) = (list(installation.of_kind(kind)) for kind in ("HorizontalPodAutoscaler", "Deployment"))
    (budget,) = installation.of_kind("PodDisruptionBudget")
    assert scaler["spec"]["minReplicas"] == 3
    assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert budget["spec"]["maxUnavailable"] == 1


def test_sqlite_has_one_pod_at_a_time_which_migrates_before_it_serves() -> None:
    (deployment,) = Installation(read(rendered_file("single")), SECRETS).of_kind("Deployment")
    assert (deployment["spec"]["replicas"], deployment["spec"]["strategy"]) == (1, {"type": "Recreate"})
    assert deployment["spec"]["template"]["spec"]["initContainers"][0]["args"] == ["migrate"]


def test_no_secret_is_among_what_is_applied_by_the_overlays() -> None:
    assert not [one for name in RENDERED for one in read(rendered_file(name)) if one["kind"] == "Secret"]
