"""The main system learns of each verdict and decision, signed and in order, until it says 2xx."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks.webhooks import Webhook

from tests.service.world import GOOD, World


@dataclass
class Receiver:
    """A main system that answers as told; `got` is what it took."""

    url: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def bodies(self) -> list[dict]:
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.got.append((headers, body))
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def hook(world: World, receiver: Receiver, **body) -> dict:
    answer = world.call("PUT", "/v1/hooks/main", json={"url": receiver.url, **body})
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def deliveries(world: World) -> list[dict]:
    return world.call("GET", "/v1/hooks/main/deliveries").json()["deliveries"]


def test_a_verdict_is_told_and_signed(world: World, receiver: Receiver) -> None:
    secret = hook(world, receiver)["secret"]
    world.put_case()
    scan = world.checked("c-1", GOOD)
    world.deliver()
    ((headers, body),) = receiver.got
    # The library compares with the machine's clock; the signature itself is over the header's time.
    signed = Webhook(secret).sign(headers["webhook-id"], _moment(headers), body.decode())
    assert headers["webhook-signature"] == signed
    assert json.loads(body)["data"]["scan"] == scan["scan"]
    assert deliveries(world)[0]["state"] == "delivered"
    assert "secret" not in world.call("GET", "/v1/hooks/main").json()


def _moment(headers: dict[str, str]):
    import datetime as dt

    return dt.datetime.fromtimestamp(int(headers["webhook-timestamp"]), dt.UTC)


def test_after_a_rotation_both_secrets_sign_for_a_day(world: World, receiver: Receiver) -> None:
    old = hook(world, receiver)["secret"]
    new = hook(world, receiver, rotate=True)["secret"]
    world.put_case()
    world.checked("c-1", GOOD)
    world.deliver()
    headers, body = receiver.got[0]
    made = [Webhook(key).sign(headers["webhook-id"], _moment(headers), body.decode()) for key in (new, old)]
    assert headers["webhook-signature"].split(" ") == made
    world.clock.wait(days=1.1)
    world.checked("c-1", "another")
    world.deliver()
    assert len(receiver.got[1][0]["webhook-signature"].split(" ")) == 1


def test_what_fails_is_tried_again_under_the_same_id(world: World, receiver: Receiver) -> None:
    hook(world, receiver)
    receiver.status = 500
    world.put_case()
    world.checked("c-1", GOOD)
    world.deliver()
    assert world.deliver() == 0, "not at once"
    receiver.status = 200
    world.clock.wait(seconds=10)
    world.deliver()
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert [delivery["state"] for delivery in deliveries(world)] == ["delivered"]


def test_the_order_of_a_case_is_kept_and_other_cases_go_on(world: World, receiver: Receiver) -> None:
    hook(world, receiver)
    receiver.status = 503
    world.put_case("c-1")
    world.checked("c-1", GOOD)
    world.deliver()
    receiver.status = 200
    world.put_case("c-1", entry__employer_name="另一家公司")
    world.put_case("c-2")
    world.checked("c-2", "page")
    world.deliver()
    assert [body["data"]["case"] for body in receiver.bodies()] == ["c-1", "c-2"]
    world.clock.wait(seconds=60)
    world.deliver()
    told = [body["data"]["verdict"] for body in receiver.bodies() if body["data"]["case"] == "c-1"]
    assert told == ["pass", "pass", "return"], "the first, tried twice, then the second"


def test_after_three_days_it_is_exhausted_and_can_be_replayed(world: World, receiver: Receiver) -> None:
    hook(world, receiver)
    receiver.status = 500
    world.put_case()
    world.checked("c-1", GOOD)
    attempts = 0
    while deliveries(world)[0]["state"] == "waiting":
        attempts += world.deliver()
        world.clock.wait(seconds=7 * 3600)
        assert attempts < 40
    assert deliveries(world)[0]["state"] == "exhausted"
    assert attempts > 8, "with growing pauses, but not few"
    world.clock.wait(days=1)
    assert world.deliver() == 0
    receiver.status = 200
    assert world.call("POST", "/v1/hooks/main/replay").json() == {"replayed": 1}
    world.deliver()
    assert deliveries(world)[0]["state"] == "delivered"


def test_a_redirect_is_a_failure(world: World, receiver: Receiver) -> None:
    hook(world, receiver)
    receiver.status, receiver.headers = 307, {"Location": receiver.url}
    world.put_case()
    world.checked("c-1", GOOD)
    world.deliver()
    assert len(receiver.got) == 1
    assert deliveries(world)[0]["last_error"] == "status-307"


def test_gone_disables_the_hook(world: World, receiver: Receiver) -> None:
    hook(world, receiver)
    receiver.status = 410
    world.put_case()
    world.checked("c-1", GOOD)
    world.deliver()
    shown = world.call("GET", "/v1/hooks/main").json()
    assert (shown["enabled"], shown["disabled_because"]) == (False, "gone")
    world.clock.wait(seconds=60)
    assert world.deliver() == 0
    receiver.status = 200
    hook(world, receiver)
    world.deliver()
    assert deliveries(world)[0]["state"] == "delivered"


def test_the_receivers_wish_to_wait_is_honoured(world: World, receiver: Receiver) -> None:
    hook(world, receiver)
    receiver.status, receiver.headers = 429, {"Retry-After": "3600"}
    world.put_case()
    world.checked("c-1", GOOD)
    world.deliver()
    world.clock.wait(seconds=3000)
    assert world.deliver() == 0
    world.clock.wait(seconds=700)
    assert world.deliver() == 1


def test_a_courier_that_vanishes_loses_no_delivery(world: World, receiver: Receiver) -> None:
    from scanservice.service.courier import claim_parcel

    hook(world, receiver)
    world.put_case()
    world.checked("c-1", GOOD)
    with world.services.db.write() as tx:
        assert claim_parcel(tx, 30_000) is not None
    assert world.deliver() == 0
    world.clock.wait(seconds=31)
    assert world.deliver() == 1


def test_events_can_be_asked_for(world: World) -> None:
    world.put_case()
    world.checked("c-1", GOOD)
    first = world.call("GET", "/v1/events").json()
    assert [event["type"] for event in first["events"]] == ["scan.checked"]
    assert world.events(first["last"]) == []
    world.put_case(entry__employer_name="另一家公司")
    assert len(world.events(first["last"])) == 1
