import type { Snippet } from './snippet.ts'

export const pythonSnippet = (iss: string, aud: string): Snippet => ({
  label: 'Python',
  install: 'pip install joserfc',
  code: `import json, time, urllib.request
from joserfc import jws
from joserfc.jwk import KeySet

registry = jws.JWSRegistry(algorithms=["ES256", "Ed25519"], strict_check_header=False)
registry.max_header_length = 4096
with urllib.request.urlopen("${iss}/.well-known/jwks.json") as answer:
    keys = KeySet.import_key_set(json.load(answer))  # fetch again every ten minutes, and for an unknown kid


def verify(headers, body):
    """body: the raw bytes of the request. Raises if the request is not authentic: answer 401."""
    token = headers["webhook-jws"]
    if token.split(".")[1] != "":  # joserfc would verify an attached payload instead of the body
        raise ValueError("webhook-jws is not protected..signature")
    signed = jws.deserialize_compact(token, keys, registry=registry, payload=body)
    header = signed.headers()
    expected = {
        "typ": "webhook+jws",
        "iss": "${iss}",
        "aud": "${aud}",
        "eid": headers["webhook-id"],
    }
    for name, value in expected.items():
        if header.get(name) != value:
            raise ValueError(f"{name} is not {value}")
    if abs(time.time() - header["iat"]) > 300:
        raise ValueError("signed too long ago")
    return json.loads(body)  # process each id once; answer 2xx within seconds
`,
})
