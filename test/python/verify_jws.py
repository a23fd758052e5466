"""Verifies a webhook with nothing but the published key set: python verify_jws.py <jwks url> <issuer> <subscription id> < request.json"""
import base64
import json
import sys
import urllib.request

from joserfc import jws
from joserfc.jwk import KeySet

jwks_url, issuer, subscription_id = sys.argv[1:4]
request = json.load(sys.stdin)
keys = KeySet.import_key_set(json.load(urllib.request.urlopen(jwks_url)))
protected, _, signature = request["jws"].split(".")
payload = request["body"].encode()
verified = jws.deserialize_compact(
    b".".join([protected.encode(), base64.urlsafe_b64encode(payload).rstrip(b"="), signature.encode()]),
    keys,
    algorithms=["ES256"],
    registry=jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False),
)
header = verified.headers()
assert header["iss"] == issuer, header
assert header["aud"] == subscription_id, header
print(json.dumps({"eid": header["eid"], "type": json.loads(verified.payload)["type"]}))
