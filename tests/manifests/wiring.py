"""What names something else: it must be there, and have what is asked of it."""

from collections.abc import Callable, Iterator, Mapping

from bongsu import __version__
from tests.manifests.objects import Installation, Object, Pod, called, selects

_NAMESPACE = "bongsu"
_WITHOUT_NAMESPACE = {"Namespace"}


def problems(installation: Installation) -> Iterator[str]:
    for check in _CHECKS:
        yield from check(installation)


def _one_namespace(installation: Installation) -> Iterator[str]:
    for one in (*installation.objects, *installation.secrets):
        if one["kind"] not in _WITHOUT_NAMESPACE and one["metadata"].get("namespace") != _NAMESPACE:
            yield f"{called(one)} is not in the namespace {_NAMESPACE}"


def _owners_select_their_pods(installation: Installation) -> Iterator[str]:
    for deployment in installation.of_kind("Deployment"):
        if not selects(deployment["spec"]["selector"]["matchLabels"], Pod(deployment).labels):
            yield f"{called(deployment)} does not select its own pods"


def _selectors_find_pods(installation: Installation) -> Iterator[str]:
    """And a Service or a budget finds those of the server alone: a migration answers nobody."""
    for one in installation.of_kind("Service", "PodDisruptionBudget", "NetworkPolicy"):
        found = [pod for pod in installation.pods() if selects(_selector(one), pod.labels)]
        if not found:
            yield f"{called(one)} selects no pod"
        if one["kind"] != "NetworkPolicy" and any(pod.owner["kind"] != "Deployment" for pod in found):
            yield f"{called(one)} selects pods that are no server's"


def _selector(one: Object) -> Mapping[str, str]:
    spec = one["spec"]
    selector: Mapping[str, str] = {
        "Service": lambda: spec["selector"],
        "PodDisruptionBudget": lambda: spec["selector"]["matchLabels"],
        "NetworkPolicy": lambda: spec["podSelector"].get("matchLabels", {}),
    }[one["kind"]]()
    return selector


def _spreading_counts_its_own(installation: Installation) -> Iterator[str]:
    for pod in installation.pods():
        affinity = pod.spec.get("affinity", {}).get("podAntiAffinity", {})
        terms = [
            *(one["podAffinityTerm"] for one in affinity.get("preferredDuringSchedulingIgnoredDuringExecution", [])),
            *affinity.get("requiredDuringSchedulingIgnoredDuringExecution", []),
            *pod.spec.get("topologySpreadConstraints", []),
        ]
        for term in terms:
            if not selects(term["labelSelector"]["matchLabels"], pod.labels):
                yield f"{pod.name}: what spreads it by {term['topologyKey']} does not select its own pods"


def _services_find_ports(installation: Installation) -> Iterator[str]:
    for service in installation.of_kind("Service"):
        for port in service["spec"]["ports"]:
            target = port.get("targetPort", port["port"])
            for pod in installation.pods():
                if selects(service["spec"]["selector"], pod.labels) and target not in _ports(pod):
                    yield f"{called(service)}: {pod.name} has no port {target}"


def _policies_name_ports(installation: Installation) -> Iterator[str]:
    for policy in installation.of_kind("NetworkPolicy"):
        for rule in policy["spec"].get("ingress", []):
            told = [port["port"] for port in rule.get("ports", [])]
            pods = [pod for pod in installation.pods() if selects(_selector(policy), pod.labels)]
            yield from (
                f"{called(policy)}: {pod.name} has no port {port}"
                for pod in pods
                for port in told
                if port not in _ports(pod)
            )


def _ports(pod: Pod) -> set[str | int]:
    ports = [port for container in pod.containers for port in container.spec.get("ports", [])]
    return {port["name"] for port in ports} | {port["containerPort"] for port in ports}


def _ingresses_find_services(installation: Installation) -> Iterator[str]:
    for ingress in installation.of_kind("Ingress"):
        hosts = {host for one in ingress["spec"].get("tls", []) for host in one["hosts"]}
        for rule in ingress["spec"]["rules"]:
            if rule["host"] not in hosts:
                yield f"{called(ingress)}: {rule['host']} has no certificate"
            for path in rule["http"]["paths"]:
                told = path["backend"]["service"]
                service = installation.named("Service", told["name"])
                if service is None or told["port"]["name"] not in _service_ports(service):
                    yield f"{called(ingress)}: there is no Service {told['name']} with port {told['port']['name']}"


def _monitors_find_services(installation: Installation) -> Iterator[str]:
    for monitor in installation.of_kind("ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"]
        found = [one for one in installation.of_kind("Service") if selects(wanted, one["metadata"]["labels"])]
        if not found:
            yield f"{called(monitor)} selects no Service"
        for endpoint in monitor["spec"]["endpoints"]:
            if any(endpoint["port"] not in _service_ports(service) for service in found):
                yield f"{called(monitor)}: the Service has no port {endpoint['port']}"


def _service_ports(service: Object) -> set[str]:
    return {port["name"] for port in service["spec"]["ports"]}


def _scalers_find_their_target(installation: Installation) -> Iterator[str]:
    for scaler in installation.of_kind("HorizontalPodAutoscaler"):
        target = scaler["spec"]["scaleTargetRef"]
        found = installation.named(target["kind"], target["name"])
        if found is None:
            yield f"{called(scaler)}: there is no {target['kind']} {target['name']}"
        elif "replicas" in found["spec"]:
            yield f"{called(found)} says replicas, which takes back with each apply what {called(scaler)} has added"


_HELD = {
    "configMap": ("ConfigMap", "name"),
    "secret": ("Secret", "secretName"),
    "persistentVolumeClaim": ("PersistentVolumeClaim", "claimName"),
}


def _pods_find_what_they_mount(installation: Installation) -> Iterator[str]:
    for pod in installation.pods():
        volumes = pod.spec.get("volumes", [])
        for volume in volumes:
            for held, (kind, key) in _HELD.items():
                if held in volume and installation.named(kind, volume[held][key]) is None:
                    yield f"{pod.name}: there is no {kind} {volume[held][key]}"
        known = {volume["name"] for volume in volumes}
        mounts = {mount["name"] for container in pod.containers for mount in container.spec.get("volumeMounts", [])}
        if mounts ^ known:
            yield f"{pod.name}: volumes and mounts differ: {', '.join(sorted(mounts ^ known))}"
        if installation.named("ServiceAccount", pod.spec.get("serviceAccountName", "default")) is None:
            yield f"{pod.name}: there is no ServiceAccount {pod.spec.get('serviceAccountName', 'default')}"


def _names_are_used_once(installation: Installation) -> Iterator[str]:
    for container in (container for pod in installation.pods() for container in pod.containers):
        names = [one["name"] for one in container.spec.get("env", [])]
        yield from (f"{container.name}: {one} is set twice" for one in sorted({n for n in names if names.count(n) > 1}))


def _jobs_are_of_this_version(installation: Installation) -> Iterator[str]:
    """A Job can't be changed: where its image is another one, so must be its name."""
    wanted = f"-{__version__.replace('.', '-')}"
    for job in installation.of_kind("Job"):
        if not job["metadata"]["name"].endswith(wanted):
            yield f"{called(job)}: its name must end with {wanted}"


_CHECKS: tuple[Callable[[Installation], Iterator[str]], ...] = (
    _one_namespace,
    _owners_select_their_pods,
    _selectors_find_pods,
    _spreading_counts_its_own,
    _services_find_ports,
    _policies_name_ports,
    _ingresses_find_services,
    _monitors_find_services,
    _scalers_find_their_target,
    _pods_find_what_they_mount,
    _names_are_used_once,
    _jobs_are_of_this_version,
)
