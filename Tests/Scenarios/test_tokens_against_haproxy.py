"""JSON Web Tokens, values of JSON, hashes and codes with a key: what both programs make of the same bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from harness.client import Client
from harness.sluice import Sluice, free_port
from harness.twins import LOGGED
from simulator.pki import Authority

RSA = rsa.generate_private_key(65537, 2048)
OTHER = rsa.generate_private_key(65537, 2048)
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
CURVE_KEYS = {name: ec.generate_private_key(curve) for name, curve in CURVES.items()}
HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
SECRET = "a secret that is long enough"


def public(key) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


FILES = {"rsa.pem": public(RSA)} | {f"{name}.pem": public(key) for name, key in CURVE_KEYS.items()}


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(algorithm: str, data: bytes, key=None) -> bytes:
    kind, size = algorithm[:2], algorithm[2:]
    if kind == "HS":
        return hmac.new((key or SECRET).encode(), data, f"sha{size}").digest()
    if kind == "RS":
        return (key or RSA).sign(data, padding.PKCS1v15(), HASHES[size])
    if kind == "PS":
        return (key or RSA).sign(data, padding.PSS(padding.MGF1(HASHES[size]), int(size) // 8), HASHES[size])
    curve = key or CURVE_KEYS[algorithm]
    r, s = decode_dss_signature(curve.sign(data, ec.ECDSA(HASHES[size])))
    length = (curve.key_size + 7) // 8
    return r.to_bytes(length, "big") + s.to_bytes(length, "big")


def token(algorithm: str, claims: dict | None = None, *, key=None) -> str:
    head = encoded(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    body = encoded(json.dumps(claims or {"sub": "ada"}).encode())
    signed = f"{head}.{body}"
    return f"{signed}.{'' if algorithm == 'none' else encoded(sign(algorithm, signed.encode(), key))}"


def answering(expression: str, before: str = "") -> str:
    # It stands between double quotes, where variables are read.
    expression = expression.replace("$.", "\\$.")
    return f"""{LOGGED}
frontend f
    bind "127.0.0.1:${{HTTP}}"
    {before}
    http-request return status 200 content-type text/plain lf-string "[%[{expression}]]"
"""


def given(pair, value: str):
    return pair.agree(lambda side: side.get("/", headers=[("X-In", value)]).body)


@pytest.mark.parametrize("size", ["256", "384", "512"])
def test_tokens_with_a_secret(twins, size):
    name = f"HS{size}"
    pair = twins(answering(f"req.hdr(x-in),jwt_verify({name},'{SECRET}')"))
    good = token(name)
    assert given(pair, good) == b"[1]"
    assert given(pair, token(name, key="another")) == b"[0]"
    assert given(pair, good[:-2]) in (b"[0]", b"[-3]")
    head, body, signature = good.split(".")
    assert given(pair, f"{head}.{encoded(b'{}')}.{signature}") == b"[0]"


@pytest.mark.parametrize("size", ["256", "384", "512"])
def test_tokens_with_rsa(twins, size):
    name = f"RS{size}"
    pair = twins(answering(f"req.hdr(x-in),jwt_verify({name},${{DIR}}/rsa.pem)"), files=FILES)
    assert given(pair, token(name)) == b"[1]"
    assert given(pair, token(name, key=OTHER)) == b"[0]"


@pytest.mark.parametrize("name", list(CURVES))
def test_tokens_with_curves(twins, name):
    pair = twins(answering(f'req.hdr(x-in),jwt_verify({name},${{DIR}}/{name}.pem)'), files=FILES)
    assert given(pair, token(name)) == b"[1]"
    assert given(pair, token(name, key=ec.generate_private_key(CURVES[name]))) == b"[0]"


def test_tokens_of_the_owner_of_a_certificate(tmp_path):
    # HAProxy has it since 3.3.
    pair = Authority("tokens").issue("tokens", [], use_rsa=True)
    key = serialization.load_pem_private_key(pair.key, None)
    (tmp_path / "owner.pem").write_bytes(pair.certificate)
    before = "http-request set-var(txn.alg) req.hdr(x-alg)"
    (tmp_path / "proxy.cfg").write_text(answering("req.hdr(x-in),jwt_verify_cert(txn.alg,${DIR}/owner.pem)", before))
    port = free_port()
    proxy = Sluice(tmp_path / "run", "proxy", "-f", str(tmp_path / "proxy.cfg"), HTTP=str(port), DIR=str(tmp_path))
    try:
        proxy.wait_ready()

        def said(algorithm: str, value: str) -> bytes:
            with Client(port) as client:
                return client.request("/", headers=[("X-In", value), ("X-Alg", algorithm)]).body

        for name in ["RS256", "PS384"]:
            assert said(name, token(name, key=key)) == b"[1]"
            assert said(name, token(name, key=OTHER)) == b"[0]"
        # The certificate is no secret.
        assert said("RS256", token("HS256", key=pair.certificate.decode())) == b"[0]"
        assert proxy.is_running
    finally:
        print(proxy.log)
        proxy.stop()


@pytest.mark.parametrize("size", ["256", "384", "512"])
def test_tokens_with_salted_rsa(twins, size):
    # HAProxy has them since 3.0.
    name = f"PS{size}"
    before = f"http-request set-var(txn.alg) str({name})"
    side = twins(answering("req.hdr(x-in),jwt_verify(txn.alg,${DIR}/rsa.pem)", before), files=FILES).sluice
    for value, found in ((token(name), b"[1]"), (token(name, key=OTHER), b"[0]"), (token(f"RS{size}"), b"[0]")):
        assert side.get("/", headers=[("X-In", value)]).body == found


@pytest.mark.parametrize(
    ["value", "found"],
    [
        ("", b"[-3]"), ("abc", b"[-3]"), ("a.b", b"[-3]"), ("a.b.c.d", b"[-3]"), ("a.b.!!!!", b"[-3]"),
    ],
)  # fmt: skip
def test_what_is_no_token(twins, value, found):
    pair = twins(answering("req.hdr(x-in),jwt_verify(HS256,key)"))
    assert given(pair, value) == found


def test_the_algorithm_may_be_a_variable(twins):
    before = "http-request set-var(txn.alg) req.hdr(x-alg)"
    pair = twins(answering("req.hdr(x-in),jwt_verify(txn.alg,${DIR}/rsa.pem)", before), files=FILES)

    def verdict(algorithm: str, value: str) -> bytes:
        return pair.agree(lambda side: side.get("/", headers=[("X-In", value), ("X-Alg", algorithm)]).body)

    assert verdict("RS256", token("RS256")) == b"[1]"
    assert verdict("RS384", token("RS256")) == b"[0]"
    assert verdict("none", token("none")) == b"[1]"
    assert verdict("RS257", token("RS256")) == b"[-1]"
    assert verdict("rs256", token("RS256")) == b"[-1]"


def test_a_public_key_is_nobodys_secret(twins):
    """An algorithm with a secret takes the text of the argument, never what is in the file."""
    before = "http-request set-var(txn.alg) req.hdr(x-in),jwt_header_query('$.alg')"
    pair = twins(answering("req.hdr(x-in),jwt_verify(txn.alg,${DIR}/rsa.pem)", before), files=FILES)
    assert given(pair, token("HS256", key=FILES["rsa.pem"].decode())) == b"[0]"


def test_the_secret_may_be_a_variable(twins):
    before = "http-request set-var(txn.key) req.hdr(x-key)"
    pair = twins(answering("req.hdr(x-in),jwt_verify(HS256,txn.key)", before))

    def verdict(key: str) -> bytes:
        headers = [("X-In", token("HS256", key="k1")), ("X-Key", key)]
        return pair.agree(lambda side: side.get("/", headers=headers).body)

    assert [verdict("k1"), verdict("k2")] == [b"[1]", b"[0]"]


CLAIMS = {
    "sub": "ada", "n": 7, "big": 1700000000, "half": 1.5, "minus": -3, "yes": True, "no": False, "nothing": None,
    "list": ["a", 1], "in": {"a": {"b": "deep"}, "l": [{"c": "x"}, {"c": "y"}]}, "dot.ted": "d", "q": 'a"\\/\n',
}  # fmt: skip
PATHS = [
    "$.sub", "$.n", "$.big", "$.half", "$.minus", "$.yes", "$.no", "$.nothing", "$.list[0]", "$.list[1]",
    "$.list[2]", "$.in.a.b", "$.in.l[1].c", "$.in", "$.missing", "$.sub.x", "$.q",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_values_of_tokens_and_of_json(twins, path):
    value = token("HS256", CLAIMS)
    pair = twins(answering(f"req.hdr(x-in),jwt_payload_query('{path}')"))
    found = given(pair, value)
    pair = twins(answering(f"req.hdr(x-in),ub64dec,json_query('{path}')"))
    assert given(pair, value.split(".")[1]) == found


@pytest.mark.parametrize("path", ["$.n", "$.big", "$.half", "$.minus", "$.sub", "$.yes"])
def test_whole_numbers(twins, path):
    pair = twins(answering(f"req.hdr(x-in),jwt_payload_query('{path}','int'),add(1)"))
    given(pair, token("HS256", CLAIMS))


@pytest.mark.parametrize("part", ["jwt_header_query", "jwt_payload_query"])
def test_whole_parts(twins, part):
    # HAProxy 2.6 gives nothing without a path.
    side = twins(answering(f"req.hdr(x-in),{part}")).sluice
    head, body, _ = token("HS256").split(".")
    plain = base64.urlsafe_b64decode((head if "header" in part else body) + "==")
    assert side.get("/", headers=[("X-In", token("HS256"))]).body == b"[" + plain + b"]"
    assert side.get("/", headers=[("X-In", "!!!!.!!!!.x")]).body == b"[]"


def test_lists(twins):
    # HAProxy gives them in later versions.
    side = twins(answering("req.fhdr(x-in),json_query('$.list')")).sluice
    assert side.get("/", headers=[("X-In", '{"list":["a", 1]}')]).body == b'[["a", 1]]'


@pytest.mark.parametrize(
    "expression",
    [
        "sha1", "sha2", "sha2(256)", "sha2(224)", "sha2(384)", "sha2(512)", "digest(sha256)", "digest(SHA512)",
        "digest(md5)", "hmac(sha256,a2V5)", "hmac(sha1,a2V5)", "hmac(sha512,txn.key)",
    ],
)  # fmt: skip
def test_hashes(twins, expression):
    before = "http-request set-var(txn.key) str(a2V5)"
    pair = twins(answering(f"req.hdr(x-in),{expression},hex", before))
    assert len(given(pair, "hello")) >= 34


def test_what_sha2_is(twins):
    pair = twins(answering("req.hdr(x-in),sha2,hex,lower"))
    assert given(pair, "hello") == f"[{hashlib.sha256(b'hello').hexdigest()}]".encode()


def test_secrets_are_compared(twins):
    before = "http-request set-var(txn.key) str(opensesame)"
    pair = twins(answering("req.hdr(x-in),secure_memcmp(txn.key)", before))
    assert [given(pair, value) for value in ("opensesame", "opensesamE", "open")] == [b"[1]", b"[0]", b"[0]"]
