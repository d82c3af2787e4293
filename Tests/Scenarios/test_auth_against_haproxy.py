"""Names and passwords are believed, and asked for, as by Debian's haproxy."""

from __future__ import annotations

import base64
import crypt
import re
import warnings

import pytest
from harness.twins import LOGGED, Seen, echo
from harness.waiting import wait_until

warnings.filterwarnings("ignore", category=DeprecationWarning)
HASHES = {
    "md5": crypt.crypt("m d5", "$1$abcdefgh"), "sha256": crypt.crypt("s256", "$5$rounds=1000$abcdefgh"),
    "sha512": crypt.crypt("s512", "$6$rounds=1000$abcdefgh"), "bcrypt": crypt.crypt("b", "$2b$04$abcdefghijklmnopqrstuu"),
    "des": crypt.crypt("d", "ab"),
}  # fmt: skip
FILE = LOGGED + f"""userlist people
    group admins users plain,md5
    group readers
    user plain insecure-password secret groups readers
    user colon insecure-password se:cr:et
    user md5 password {HASHES["md5"]}
    user sha256 password {HASHES["sha256"]} groups admins,readers
    user sha512 password {HASHES["sha512"]}
    user bcrypt password {HASHES["bcrypt"]} groups readers
    user des password {HASHES["des"]}
userlist others
    user plain insecure-password other
frontend f
    bind "127.0.0.1:${{HTTP}}"
    acl known http_auth(people)
    acl admin http_auth_group(people) admins
    acl reader http_auth_group(people) readers
    http-request set-header X-Seen "%[http_auth_user]|%[http_auth_pass]|%[http_auth_type]|%[http_auth_bearer]|%[http_auth_bearer(x-token)]|%[http_auth(people)]|%[http_auth_group(people)]"
    http-request auth if {{ path /all }} !known
    http-request auth realm "Only admins" if {{ path /admins }} !admin
    http-request deny deny_status 403 if {{ path /readers }} !reader
    http-request auth realm others unless {{ http_auth(others) }} || !{{ path /others }}
    log-format "%HP %ST %tsc||"
    default_backend b
backend b
    http-request auth if {{ path /backend }} !{{ http_auth(people) }}
    server s "127.0.0.1:${{A}}"
"""


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


# Not of users without a password: haproxy 2.6.12 crashes at them.
GIVEN = [
    None, basic("plain", "secret"), basic("plain", "Secret"), basic("plain", ""), basic("unknown", "x"),
    basic("colon", "se:cr:et"), basic("md5", "m d5"), basic("sha256", "s256"), basic("sha512", "s512"), basic("bcrypt", "b"), basic("bcrypt", "c"),
    basic("des", "d"), basic("plain", "other"), "Bearer abc.def", "basic " + basic("plain", "secret")[6:], "Basic", "Basic !!!", "Basic cGxhaW4=",
]  # fmt: skip


@pytest.mark.sanitizer
def test_who_comes_in(twins):
    pair = twins(FILE, servers={"A": echo})

    def script(side):
        seen = []
        for value in GIVEN:
            headers = [("X-Token", "Bearer tok")] + ([("Authorization", value)] if value else [])
            for path in ["/all", "/admins", "/readers", "/others", "/backend", "/"]:
                answer = side.exchange(path, headers=headers)
                seen.append((value, path, answer.get("www-authenticate"), Seen.of(answer)))
        pattern = re.compile(r"^(.*)\|\|$", re.M)
        wait_until(lambda: len(pattern.findall(side.log)) >= len(seen), "lines in the log")
        return seen, sorted(pattern.findall(side.log))

    pair.agree(script)


def test_a_password_that_was_right_stays_right_and_a_wrong_one_wrong(twins):
    pair = twins(FILE, servers={"A": echo})

    def script(side):
        with side.client() as client:
            values = [basic("sha512", password) for password in ("s512", "s512", "x", "s512", "x")]
            return [client.request("/all", headers=[("Authorization", value)]).status for value in values]

    pair.agree(script)
