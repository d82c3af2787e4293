"""`sluice dev`: a folder of manifests is watched, and what is broken in it is named and contained."""

from __future__ import annotations

import json
import os

import yaml

from harness.site import dev_service
from harness.waiting import wait_everywhere, wait_until
from simulator import objects


def test_files_come_change_and_go(site):
    other = objects.ingress("other", "b.test", "web")
    assert site.get(host="b.test").status == 404
    site.folder.put(other)
    wait_until(lambda: site.get(host="b.test").status == 200, "a new file is served")
    site.folder.put(objects.ingress("other", "c.test", "web"))
    wait_everywhere(lambda: site.get(host="c.test").status == 200, "a changed file is served")
    assert site.get(host="b.test").status == 404
    site.folder.remove(other)
    wait_until(lambda: site.get(host="c.test").status == 404, "a removed file is gone")


def test_files_may_be_written_in_place(site):
    path = site.folder.path / "in-place.yaml"
    path.write_text(yaml.safe_dump(objects.ingress("in-place", "in-place.test", "web")))
    wait_until(lambda: site.get(host="in-place.test").status == 200, "it is served")
    path.unlink()
    wait_until(lambda: site.get(host="in-place.test").status == 404, "it is gone")


def test_folders_inside_are_read_even_new_ones(site):
    inner = site.folder.path / "inner" / "most"
    inner.mkdir(parents=True)
    (inner / "x.yml").write_text(yaml.safe_dump(objects.ingress("inner", "inner.test", "web")))
    wait_until(lambda: site.get(host="inner.test").status == 200, "it is served")


def test_json_lists_and_several_documents_are_read(site):
    site.folder.write("one.json", json.dumps(objects.ingress("json", "json.test", "web")))
    documents = [objects.ingress(f"doc-{i}", f"doc{i}.test", "web") for i in range(3)]
    site.folder.write("many.yaml", yaml.safe_dump_all([None, *documents, None]))
    listed = {"apiVersion": "v1", "kind": "List", "items": [objects.ingress("item", "item.test", "web")]}
    site.folder.write("list.yaml", yaml.safe_dump(listed))
    for host in ("json.test", "doc0.test", "doc2.test", "item.test"):
        wait_until(lambda host=host: site.get(host=host).status == 200, f"{host} is served")


def test_other_files_are_left_alone(site):
    for name in (".hidden.yaml", "README.md", "x.yaml~", "#x.yaml#", "x.yaml.swp"):
        (site.folder.path / name).write_text("{ not yaml")
    site.folder.put(objects.ingress("after", "after.test", "web"))
    wait_until(lambda: site.get(host="after.test").status == 200, "the folder is still read")
    assert "README.md" not in site.sluice.log


def test_a_broken_file_is_named_with_its_line_and_keeps_its_last_good_version(site):
    good = objects.ingress("fragile", "fragile.test", "web")
    site.folder.write("fragile.yaml", yaml.safe_dump(good))
    wait_everywhere(lambda: site.get(host="fragile.test").status == 200, "it is served")
    site.folder.write("fragile.yaml", "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: [\n")
    site.sluice.wait_log(r"fragile\.yaml:\d+")
    site.folder.put(objects.ingress("meanwhile", "meanwhile.test", "web"))
    wait_until(lambda: site.get(host="meanwhile.test").status == 200, "the rest goes on")
    assert site.get(host="fragile.test").status == 200
    assert site.sluice.is_ready
    site.folder.write("fragile.yaml", yaml.safe_dump(objects.ingress("fragile", "healed.test", "web")))
    wait_until(lambda: site.get(host="healed.test").status == 200, "it heals by itself")


def test_nonsense_in_every_shape_is_survived(site):
    shapes = {
        "empty": "", "comment": "# nothing", "scalar": "42", "list": "[1, 2]", "string": '"x"', "null": "~",
        "no-kind": "apiVersion: v1\nmetadata: {name: x}", "no-name": "apiVersion: v1\nkind: Service\nmetadata: {}",
        "wrong-types": "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: 3}\nspec: {rules: 7}",
        "deep": "a: " + "[" * 3000 + "]" * 3000, "alias-bomb": bomb(), "tab": "a:\n\t- b", "binary": "\x00\x01\x02",
        "unknown-kind": "apiVersion: example.test/v1\nkind: Widget\nmetadata: {name: w}",
        "duplicate-keys": "apiVersion: v1\nkind: Service\nkind: Service\nmetadata: {name: dup}",
    }  # fmt: skip
    for name, text in shapes.items():
        site.folder.write(f"nonsense-{name}.yaml", text)
    (site.folder.path / "nonsense-latin.yaml").write_bytes(b"name: \xff\xfe")
    site.folder.put(objects.ingress("survivor", "survivor.test", "web"))
    wait_until(lambda: site.get(host="survivor.test").status == 200, "the rest goes on")
    assert site.get().status == 200
    for path in site.folder.path.glob("nonsense-*"):
        path.unlink()


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    return "\n".join(lines)


def test_a_duplicate_object_is_named_and_the_first_file_wins(site):
    site.folder.write("dup-a.yaml", yaml.safe_dump(objects.ingress("twin", "twin-a.test", "web")))
    wait_everywhere(lambda: site.get(host="twin-a.test").status == 200, "the first is served")
    site.folder.write("dup-b.yaml", yaml.safe_dump(objects.ingress("twin", "twin-b.test", "web")))
    site.sluice.wait_log(r"dup-[ab]\.yaml")
    assert site.get(host="twin-a.test").status == 200


def test_a_file_that_cannot_be_read_is_named(site):
    os.symlink("/nonexistent/target", site.folder.path / "dangling.yaml")
    site.sluice.wait_log(r"dangling\.yaml")
    assert site.get().status == 200
    (site.folder.path / "dangling.yaml").unlink()


def test_an_invalid_path_affects_only_itself(site):
    body = objects.ingress("half", "half.test", "web", path="/good")
    bad = objects.ingress("x", "half.test", "web", path="no-slash")
    body["spec"]["rules"][0]["http"]["paths"] += bad["spec"]["rules"][0]["http"]["paths"]
    site.folder.put(body)
    wait_until(lambda: site.get("/good", host="half.test").status == 200, "the good path is served")
    site.sluice.wait_log(r"default/half.*(path|no-slash)")


def test_an_invalid_host_affects_only_itself(site):
    body = objects.ingress("hosts", "fine.test", "web")
    for host in ("BAD HOST", "*.*.test", "192.0.2.1:80", "a..test", "-a.test"):
        body["spec"]["rules"].append(objects.ingress("x", host, "web")["spec"]["rules"][0])
    site.folder.put(body)
    wait_until(lambda: site.get(host="fine.test").status == 200, "the good host is served")
    site.sluice.wait_log(r"default/hosts.*(host|BAD HOST)")


def test_a_missing_service_heals_when_it_appears(site, backend):
    site.folder.put(objects.ingress("early", "early.test", "late"))
    wait_until(lambda: site.get(host="early.test").status == 503, "503 until then")
    site.sluice.wait_log(r"default/early.*late")
    site.folder.put(dev_service("late", backend()))
    wait_until(lambda: site.get(host="early.test").status == 200, "it heals by itself")
    site.folder.remove(dev_service("late"))
    wait_until(lambda: site.get(host="early.test").status == 503, "and falls back to 503")


def test_classes_come_and_go(site):
    site.folder.put(objects.ingress("classy", "classy.test", "web", class_name="extra"))
    assert site.get(host="classy.test").status == 404
    site.folder.put(objects.ingress_class("extra"))
    wait_until(lambda: site.get(host="classy.test").status == 200, "adopted with its class")
    site.folder.remove(objects.ingress_class("extra"))
    wait_until(lambda: site.get(host="classy.test").status == 404, "withdrawn with its class")


def test_the_legacy_annotation_is_honoured(site):
    legacy = {"kubernetes.io/ingress.class": "sluice"}
    site.folder.put(objects.ingress("legacy", "legacy.test", "web", class_name=None, annotations=legacy))
    wait_until(lambda: site.get(host="legacy.test").status == 200, "it is served")
