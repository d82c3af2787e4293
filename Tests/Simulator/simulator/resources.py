"""Which resources the simulated server knows: group, version, plural, kind and scope."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Resource:
    """One row of discovery. `skeleton` is what a bookmark's otherwise empty object carries."""

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    skeleton: dict = field(default_factory=dict, hash=False, compare=False)

    @property
    def api_version(self) -> str:
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The name error messages use: `ingresses.networking.k8s.io`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def base_path(self) -> str:
        return f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"


_BALANCED = {"spec": {}, "status": {"loadBalancer": {}}}
_SLICE = {"addressType": "", "endpoints": None, "ports": None}

BUILT_IN = [
    Resource("", "v1", "services", "Service", True, _BALANCED),
    Resource("", "v1", "secrets", "Secret"),
    Resource("", "v1", "configmaps", "ConfigMap"),
    Resource("", "v1", "endpoints", "Endpoints"),
    Resource("", "v1", "events", "Event"),
    Resource("", "v1", "pods", "Pod", True, {"spec": {"containers": None}, "status": {}}),
    Resource("", "v1", "namespaces", "Namespace", False, {"spec": {}, "status": {}}),
    Resource("", "v1", "nodes", "Node", False, {"spec": {}, "status": {}}),
    Resource("networking.k8s.io", "v1", "ingresses", "Ingress", True, _BALANCED),
    Resource("networking.k8s.io", "v1", "ingressclasses", "IngressClass", False, {"spec": {}}),
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", True, _SLICE),
    Resource("coordination.k8s.io", "v1", "leases", "Lease", True, {"spec": {}}),
    Resource("events.k8s.io", "v1", "events", "Event"),
    Resource("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", False),
    Resource("apps", "v1", "deployments", "Deployment", True, {"spec": {}}),
    Resource("apps", "v1", "daemonsets", "DaemonSet", True, {"spec": {}}),
    # What an installation holds besides; nobody here acts on it.
    Resource("", "v1", "serviceaccounts", "ServiceAccount"),
    Resource("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", False),
    Resource("rbac.authorization.k8s.io", "v1", "clusterrolebindings", "ClusterRoleBinding", False),
    Resource("rbac.authorization.k8s.io", "v1", "roles", "Role"),
    Resource("rbac.authorization.k8s.io", "v1", "rolebindings", "RoleBinding"),
    Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy"),
    Resource("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget"),
    Resource("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler"),
]


class Catalogue:
    """The known resources, found by URL or by an object's apiVersion and kind."""

    def __init__(self) -> None:
        self._by_path: dict[tuple[str, str, str], Resource] = {}
        self._by_kind: dict[tuple[str, str], Resource] = {}
        for resource in BUILT_IN:
            self._add(resource)

    def by_path(self, group: str, version: str, plural: str) -> Resource | None:
        return self._by_path.get((group, version, plural))

    def for_object(self, body: dict) -> Resource:
        """The resource of an object; an unknown kind becomes a new one, as if its CRD were installed."""
        api_version, kind = body["apiVersion"], body["kind"]
        known = self._by_kind.get((api_version, kind))
        if known:
            return known
        group, _, version = api_version.rpartition("/")
        namespaced = "namespace" in body.get("metadata", {})
        return self._add(Resource(group, version, _plural(kind), kind, namespaced))

    def versions(self) -> dict[str, list[Resource]]:
        """Resources grouped by apiVersion, for discovery."""
        found: dict[str, list[Resource]] = {}
        for resource in self._by_path.values():
            found.setdefault(resource.api_version, []).append(resource)
        return found

    def _add(self, resource: Resource) -> Resource:
        self._by_path[(resource.group, resource.version, resource.plural)] = resource
        self._by_kind[(resource.api_version, resource.kind)] = resource
        return resource


def _plural(kind: str) -> str:
    name = kind.lower()
    if name.endswith("y"):
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch")) else "s")
