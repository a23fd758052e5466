"""Verifies a webhook of Doorbell with its published keys and joserfc (https://jose.authlib.org)."""

import base64
import hashlib
import hmac
import json
import threading
import time
import urllib.request

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

TOLERANCE_S = 300
registry = jws.JWSRegistry(algorithms=["ES256", "Ed25519"], strict_check_header=False)
registry.max_header_length, registry.max_payload_length = 4096, 2 * 1024 * 1024


class Refused(Exception):
    """The request is not authentic: answer 401."""


class PublishedKeys:
    """Caches the keys for ten minutes. An unknown key id fetches them again, at most every five seconds. Raises ConnectionError."""

    def __init__(self, url):
        self.url, self.keys, self.tried_at, self.fetched_at, self.failed = url, {}, float("-inf"), float("-inf"), None
        self.lock = threading.Lock()

    def find(self, kid):
        with self.lock:  # of two first requests, the second waits for the keys that the first one fetches
            return self._find(kid)

    def _find(self, kid):
        now = time.monotonic()
        if (kid not in self.keys or now > self.fetched_at + 600) and now > self.tried_at + 5:
            self.tried_at = now
            try:
                with urllib.request.urlopen(self.url, timeout=3) as answer:
                    self.keys = {key.kid: key for key in KeySet.import_key_set(json.load(answer)).keys}
                self.fetched_at, self.failed = now, None
            except (OSError, ValueError, JoseError) as error:
                self.failed = error
        if kid not in self.keys and self.failed:
            raise ConnectionError(f"no keys from {self.url}") from self.failed
        return self.keys.get(kid)


def verify(headers, body, find_key, now, issuer, subscription, secret=None):
    """Returns the event and the signed header. Raises Refused. The body must be the raw bytes of the request."""

    def key_of(signature):
        return find_key(signature.headers().get("kid")) or fail("the key is not in the key set")

    token = headers.get("webhook-jws", "")
    if token.split(".")[1:2] != [""]:  # joserfc would verify an attached payload instead of the body
        fail("webhook-jws is not protected..signature")
    try:
        signed = jws.deserialize_compact(token, key_of, registry=registry, payload=body)
    except (JoseError, ValueError) as error:
        raise Refused(f"webhook-jws: {error}") from error
    header = signed.headers()
    expected = {"typ": "webhook+jws", "iss": issuer, "aud": subscription, "eid": headers.get("webhook-id")}
    for name, value in expected.items():
        if header.get(name) != value:
            fail(f"{name} is {header.get(name)}, not {value}")
    if type(header.get("iat")) is not int or abs(now - header["iat"]) > TOLERANCE_S:
        fail(f"signed more than {TOLERANCE_S} s from now")
    if secret:
        verify_hmac(headers, body, now, secret)
    return json.loads(body), header


def verify_hmac(headers, body, now, secret):
    """Verifies the Standard Webhooks signature, as the package standardwebhooks does. With the JWS it is optional."""
    timestamp, signatures = headers.get("webhook-timestamp", ""), headers.get("webhook-signature", "").split()
    if not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE_S:
        fail("webhook-timestamp is too old or not a number")
    content = f"{headers['webhook-id']}.{timestamp}.".encode() + body
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256)
    expected = b"v1," + base64.b64encode(digest)
    if not any(hmac.compare_digest(expected, signature.encode()) for signature in signatures):
        fail("webhook-signature does not match the secret and the body")


def fail(why):
    raise Refused(why)
