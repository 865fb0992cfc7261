"""The same service as in tests/service, seen over HTTP."""

from tests.service.conftest import (  # noqa: F401
    bucket,
    postgres,
    s3,
    sandboxes,
    settings,
    shared_templates,
    storage,
    world,
)
