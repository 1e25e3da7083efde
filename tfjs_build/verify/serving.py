"""`verify --serve`: whatever opens the page runs the models; what comes of it is shown there and told here."""

from __future__ import annotations

import queue
import socket
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tfjs_build.events import Emit, Note, Opened, Serving, Untried, Verified
from tfjs_build.verify.devices import Host, Ran, RunError
from tfjs_build.verify.site import Device, DeviceGoneError
from tfjs_build.verify.words import renderer, times, verdict

if TYPE_CHECKING:
    from tfjs_build.model import Backend
    from tfjs_build.verify.prepared import Prepared, Variant
    from tfjs_build.verify.site import Site
    from tfjs_build.verify.verification import Verification

_LOCAL = ("127.0.0.1", "localhost", "::1")
_ANY = ("", "0.0.0.0", "::")


class Visitor(Host):
    """A device that somebody has opened the page on."""

    def run(self, prepared: Prepared, variant: Variant, backend: str, *, quietly: bool = False) -> Ran:
        """Run a variant of a model, quietly where it is not the published one."""
        return super().run(prepared, variant, backend, quietly=quietly or variant.name != "published")


def serve(
    verifications: Iterable[Verification], site: Site, backends: Sequence[Backend], host: str | None, emit: Emit
) -> None:
    """Serve the models until we are interrupted."""
    ready = list(verifications)
    if not ready:
        return
    visitors: queue.SimpleQueue[Device] = queue.SimpleQueue()
    site.on_arrival = visitors.put
    addresses = [f"http://{name}:{site.port}{site.path}" for name in _names(host)]
    emit(Serving(addresses, qr_code(addresses[-1]) if host and host not in _LOCAL else None))
    while True:
        device = _next(visitors)
        if device.arrived(10.0, lambda: True):
            visitor = Visitor(site, device)
            emit(Opened(visitor.called()))
            try:
                _all(ready, visitor, backends, emit)
            except DeviceGoneError:
                emit(Untried(None, None, f"{visitor.called()} has left the page"))
            except RunError:
                emit(Untried(None, None, f"{visitor.called()} does not answer any more: is its screen off?"))


def _next(visitors: queue.SimpleQueue[Device]) -> Device:
    while True:
        try:
            return visitors.get(timeout=0.5)  # short, so that Ctrl-C is heard on every system
        except queue.Empty:
            continue


def _all(ready: Sequence[Verification], visitor: Visitor, backends: Sequence[Backend], emit: Emit) -> None:
    """Run all models on one device, and tell it what came of each."""
    right = wrong = 0
    for verification in ready:
        for backend in backends:
            for event in verification.on(backend, visitor):
                emit(event)
                if isinstance(event, Note):
                    continue
                visitor.show(_shown(event, backend))
                if isinstance(event, Verified):
                    right, wrong = right + event.ok, wrong + (not event.ok)
    text = (
        f"{wrong} of {right + wrong} wrong" if wrong else f"all right: {right} of {right}" if right else "nothing ran"
    )
    visitor.show({"do": "say", "text": text, "kind": "failed" if wrong or not right else "done"})
    visitor.device.finish()


def _shown(event: Verified | Untried, backend: str) -> dict[str, Any]:
    if isinstance(event, Untried):
        return {
            "do": "show",
            "model": event.model,
            "backend": backend,
            "kind": "untried",
            "verdict": "not tried",
            "details": [event.message],
        }
    return {
        "do": "show",
        "model": event.model,
        "backend": backend,
        "kind": "right" if event.ok else "wrong",
        "verdict": times(event) or "wrong",
        "details": [*verdict(event), renderer(event)],
    }


def _names(host: str | None) -> list[str]:
    """Return the names under which other devices reach an address that is listened on."""
    if host is None or host in _LOCAL:
        return ["127.0.0.1"]
    if host not in _ANY:
        return [host]
    return ["127.0.0.1", *filter(None, [_own_address()])]


def _own_address() -> str | None:
    """Return this machine's address in its network: the one that it would send from. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address that is nobody's (RFC 5737)
            return str(probe.getsockname()[0])
        except OSError:
            return None


def qr_code(text: str) -> list[str]:
    """Return the lines of a QR code, two rows of it in each; ink is what is dark."""
    import segno

    border = 2
    rows = [list(row) for row in segno.make(text, micro=False).matrix_iter(border=border)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return [
        "".join(" ▄▀█"[bool(low) + 2 * bool(high)] for high, low in zip(above, below, strict=True))
        for above, below in zip(rows[::2], rows[1::2], strict=True)
    ]
