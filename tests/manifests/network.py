"""Whom pods may hear and reach."""

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from tests.manifests.objects import Installation, Object, called, selects

METADATA = ("169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254")
"""Where clouds give credentials of the machine to whoever asks: AWS, Google, Azure and others; Azure; Alibaba; AWS."""


def problems(installation: Installation) -> Iterator[str]:
    policies = list(installation.of_kind("NetworkPolicy"))
    for pod in installation.pods():
        ours = [one for one in policies if selects(one["spec"]["podSelector"].get("matchLabels", {}), pod.labels)]
        for direction in ("Ingress", "Egress"):
            if not any(direction in one["spec"]["policyTypes"] for one in ours):
                yield f"{pod.name}: no NetworkPolicy bounds its {direction.lower()}"
        if not any(_allows_names(one) for one in ours):
            yield f"{pod.name}: no NetworkPolicy lets it look up names"
    for policy in policies:
        yield from (f"{called(policy)}: {problem}" for problem in _too_wide(policy))


def _allows_names(policy: Object) -> bool:
    wanted = {(53, "UDP"), (53, "TCP")}
    return any(
        wanted <= {(port["port"], port["protocol"]) for port in rule.get("ports", [])}
        for rule in policy["spec"].get("egress", [])
    )


def _too_wide(policy: Object) -> Iterator[str]:
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for rule in policy["spec"].get(direction, []):
            if not rule.get(peers):
                yield f"a rule of {direction} names nobody, which means everybody"
            if not rule.get("ports"):
                yield f"a rule of {direction} names no port, which means all"
            yield from (f"{direction} reaches the metadata address {one}" for one in _metadata(rule.get(peers, [])))


def _metadata(peers: list[Object]) -> Iterator[str]:
    blocks = [peer["ipBlock"] for peer in peers if "ipBlock" in peer]
    for block in blocks:
        for one in METADATA:
            left_out = any(ip_address(one) in ip_network(other) for other in block.get("except", []))
            if ip_address(one) in ip_network(block["cidr"]) and not left_out:
                yield one
