"""`scanservice serve`: the API's process beside workers and courier, all kept alive."""

from __future__ import annotations

import sys

from scanservice.service import keys, migrating
from scanservice.service.database import Database
from scanservice.service.logs import set_up
from scanservice.service.services import open_services
from scanservice.service.supervisor import Supervisor, Ward, here, worker_wards
from scanservice.settings import Settings

KEEP_ALIVE_SECONDS = 30
GRACE_SECONDS = 10
HEAD_START_SECONDS = 1.0
"""By which the API comes before the workers: who waits for a service to start asks the API."""


def serve(settings: Settings) -> None:
    """Runs until SIGTERM or Ctrl-C. An embedded database is brought up to date first."""
    set_up("serve")
    services = open_services(settings)
    try:
        if not settings.database_url:
            migrating.migrate(services.db)
        _greet(settings, services.db)
    finally:
        services.close()
    wards, held = worker_wards(settings, after=HEAD_START_SECONDS)
    api = Ward(f"{here(settings)}-api", "scanservice.web.serve")
    try:
        Supervisor(settings, [api, *wards]).run()
    finally:
        for file in held:
            file.close()


def _greet(settings: Settings, database: Database) -> None:
    lines = [f"scanservice on http://{settings.host}:{settings.port}"]
    if settings.loopback and settings.open_on_loopback and migrating.up_to_date(database):
        with database.read() as tx:
            if not keys.any_key(tx):
                lines.append(
                    "No API key was made yet: programs on this machine may call the API without one. "
                    "`scanservice keys create NAME` ends that."
                )
    print("\n".join(lines), file=sys.stderr, flush=True)


def main(name: str) -> None:
    """The API's own process; what it alone needs takes a second to load."""
    import uvicorn

    from scanservice.service.pulse import Pulse
    from scanservice.web.app import create_app

    set_up(name)
    settings = Settings()  # type: ignore[call-arg]
    services = open_services(settings)
    services.bench.start()
    pulse = Pulse(services, name)
    pulse.start()
    try:
        uvicorn.run(
            create_app(services),
            host=settings.host,
            port=settings.port,
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies or None,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    finally:
        pulse.stop()
        services.close()


if __name__ == "__main__":
    main(sys.argv[1])
