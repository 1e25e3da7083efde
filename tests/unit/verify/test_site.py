"""The server of `verify`: nothing is served without the secret, nothing beside its folders; devices get their jobs."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjs_build.verify.project import Package, TensorFlowJs
from tfjs_build.verify.site import Device, DeviceGoneError, Site
from tfjs_build.verify.wire import pack, unpack


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site whose TensorFlow.js is one file, beside which is a secret."""
    folder = tmp_path / "tfjs"
    (folder / "dist").mkdir(parents=True)
    (folder / "dist" / "tf.mjs").write_text("export {}")
    (tmp_path / "secret").write_text("mine")
    package = Package(folder, "4.22.0", "dist/tf.mjs", "dist/tf.mjs")
    with Site(TensorFlowJs(package, {"wasm": package})) as made:
        yield made


def get(url: str) -> tuple[int, str, bytes]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, "", b""


def post(url: str, header: dict[str, Any], groups: Any = ()) -> dict[str, Any]:
    request = urllib.request.Request(url, data=pack(header, groups), method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return unpack(answer.read())[0]


def test_the_page_knows_where_its_modules_are(site: Site) -> None:
    status, kind, page = get(site.local)
    assert (status, kind) == (200, "text/html; charset=utf-8")
    text = page.decode()
    start = text.index('<script type="importmap">') + len('<script type="importmap">')
    imports = json.loads(text[start : text.index("</script>", start)])["imports"]
    assert imports["@tensorflow/tfjs"] == "./tfjs/dist/tf.mjs"
    assert imports["@tensorflow/tfjs-backend-wasm"] == "./wasm/dist/tf.mjs"
    assert get(f"{site.local}tfjs/dist/tf.mjs") == (200, "text/javascript; charset=utf-8", b"export {}")
    assert get(f"{site.local}page/page.js")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "tfjs/../secret",
        "tfjs/dist/../../secret",
        "tfjs/%2e%2e/secret",
        "tfjs/dist%2f..%2f..%2fsecret",
        "tfjs//etc/passwd",
        "tfjs/",
        "tfjs",
        "page/C:/secret",
        "none/x",
        "next",
    ],
)
def test_nothing_else_is_served(site: Site, path: str) -> None:
    assert get(f"{site.local}{path}")[0] == 404


def test_nothing_is_served_without_the_secret(site: Site) -> None:
    root = f"http://127.0.0.1:{site.port}/"
    assert [get(url)[0] for url in (root, f"{root}tfjs/dist/tf.mjs", f"{root}{'x' * 22}/page/page.js")] == [404] * 3
    with pytest.raises(urllib.error.HTTPError) as raised:
        post(f"{root}next", {"device": "a", "about": {}})
    raised.value.close()


def test_a_device_gets_jobs_and_answers_them(site: Site) -> None:
    device = site.expect("a")
    done: list[Any] = []
    worker = threading.Thread(
        target=lambda: done.append(device.perform({"do": "run"}, [{"x": np.ones(2)}], seconds=30))
    )
    worker.start()
    assert post(f"{site.local}next", {"device": "a", "about": {"kind": "node"}}) == {"do": "run"}
    assert device.arrived(1, lambda: True)
    assert device.about == {"kind": "node"}
    answering = threading.Thread(
        target=lambda: post(f"{site.local}next", {"device": "a", "first": 1}, [{"y": np.zeros(1)}])
    )
    answering.start()
    worker.join()
    [(header, [group])] = done
    assert header == {"first": 1}
    assert group["y"].tolist() == [0]
    device.finish()
    answering.join()


def test_a_device_that_leaves_or_hangs(site: Site) -> None:
    device = site.expect("a")
    threading.Thread(target=lambda: post(f"{site.local}next", {"device": "a", "gone": True}), daemon=True).start()
    with pytest.raises(DeviceGoneError):
        device.perform({"do": "run"}, seconds=30)
    with pytest.raises(DeviceGoneError):
        device.perform({"do": "run"}, seconds=30, alive=lambda: False)
    with pytest.raises(TimeoutError):
        device.perform({"do": "run"}, seconds=0.2)


def test_strangers_are_told_of(site: Site) -> None:
    came: list[str] = []
    arrived = threading.Event()

    def arrive(device: Device) -> None:
        came.append(device.name)
        arrived.set()

    site.on_arrival = arrive
    threading.Thread(target=lambda: post(f"{site.local}next", {"device": "phone", "about": {}}), daemon=True).start()
    assert arrived.wait(30)
    assert came == ["phone"]
    site.devices["phone"].finish()


def test_what_is_no_message_is_refused(site: Site) -> None:
    for data in (b"", b"nonsense", pack({"no": "device"})):
        request = urllib.request.Request(f"{site.local}next", data=data, method="POST")
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(request, timeout=10)
        assert raised.value.code in (400, 404)
        raised.value.close()
