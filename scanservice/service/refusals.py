"""Why the service does not do what it was asked: values with a stable name, turned into problems by HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

RefusalKind = Literal[
    "account-exists",
    "account-unknown",
    "backlog-full",
    "being-judged",
    "case-busy",
    "case-id-differs",
    "case-unknown",
    "closed",
    "decision-incomplete",
    "delivery-unknown",
    "hook-address-refused",
    "hook-unknown",
    "idempotency-key-reused",
    "key-unknown",
    "link-spent",
    "no-files",
    "page-unknown",
    "paper-stale",
    "paper-unknown",
    "papers-invalid",
    "pictures-gone",
    "rerun-state",
    "rerun-unknown",
    "scan-unknown",
    "stale-version",
    "too-late",
    "weak-password",
]


class RefusedError(Exception):
    """The state of things forbids what was asked; nothing was changed.

    Attributes:
        kind: stable name. detail: one English sentence without personal data.
        extra: what a caller needs to go on, such as what changed since a version.
        retry_after: seconds after which it may work, where waiting helps.
    """

    def __init__(
        self,
        kind: RefusalKind,
        detail: str,
        *,
        extra: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail
        self.extra = dict(extra or {})
        self.retry_after = retry_after
