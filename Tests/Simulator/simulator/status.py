"""Status objects, worded as the recorded server words them."""

from __future__ import annotations

from .resources import Resource

REASONS = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed",
    409: "Conflict", 410: "Expired", 415: "UnsupportedMediaType", 422: "Invalid", 429: "TooManyRequests",
    500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout",
}  # fmt: skip

MESSAGES = {
    401: "Unauthorized",
    403: "forbidden: User \"sluice\" cannot access this resource",
    404: "the server could not find the requested resource",
    410: "The resourceVersion for the provided list is too old.",
    429: "too many requests, please try again later",
    500: "Internal error occurred: simulated",
    503: "the server is currently unable to handle the request",
}


class Failure(Exception):
    """A request that is answered with a Status."""

    def __init__(self, code: int, message: str = "", reason: str = "", details: dict | None = None) -> None:
        self.code = code
        self.message = message or MESSAGES.get(code, "simulated failure")
        self.reason = reason or REASONS.get(code, "Unknown")
        self.details = details
        super().__init__(self.message)

    @property
    def body(self) -> dict:
        body = {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": self.message, "reason": self.reason,
        }  # fmt: skip
        if self.details is not None:
            body["details"] = self.details
        return {**body, "code": self.code}


def forbidden(resource: Resource, verb: str, namespace: str | None) -> Failure:
    scope = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    return Failure(
        403,
        f'{resource.qualified} is forbidden: User "sluice" cannot {verb} resource "{resource.plural}" '
        f'in API group "{resource.group}" {scope}',
        details=_details(resource),
    )


def not_found(resource: Resource, name: str) -> Failure:
    return Failure(404, f'{resource.qualified} "{name}" not found', details=_details(resource, name))


def exists(resource: Resource, name: str) -> Failure:
    message = f'{resource.qualified} "{name}" already exists'
    return Failure(409, message, "AlreadyExists", _details(resource, name))


def conflict(resource: Resource, name: str) -> Failure:
    return Failure(
        409,
        f'Operation cannot be fulfilled on {resource.qualified} "{name}": the object has been modified; '
        "please apply your changes to the latest version and try again",
        details=_details(resource, name),
    )


def too_large(asked: int, current: int) -> Failure:
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    details = {"causes": [cause], "retryAfterSeconds": 1}
    return Failure(504, f"Too large resource version: {asked}, current: {current}", "Timeout", details)


def _details(resource: Resource, name: str | None = None) -> dict:
    details = {"name": name} if name else {}
    if resource.group:
        details["group"] = resource.group
    return {**details, "kind": resource.plural}
