"""Prints a verdict for each request of a file of vectors: python check_vectors.py ../vectors.json"""

import json
import sys

from joserfc.jwk import KeySet

from verify import Refused, verify

with open(sys.argv[1], encoding="utf-8") as file:
    vectors = json.load(file)
keys = {key.kid: key for key in KeySet.import_key_set(vectors["jwks"]).keys}
for vector in vectors["vectors"]:
    request = vector["headers"], vector["body"].encode(), keys.get, vector["now"]
    try:
        verify(*request, vectors["issuer"], vectors["subscriptionId"], vectors["secret"])
        print("accepted", vector["name"])
    except Refused:
        print("refused", vector["name"])
