"""A receiver for the webhooks of Doorbell:

pip install -r requirements.txt
DOORBELL_ISSUER=https://doorbell.example DOORBELL_SUBSCRIPTION=sub_… python receiver.py
"""

import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from verify import PublishedKeys, Refused, verify

issuer = os.environ["DOORBELL_ISSUER"]
subscription = os.environ["DOORBELL_SUBSCRIPTION"]
secret = os.environ.get("DOORBELL_SECRET")  # whsec_…; optional: the HMAC is verified as well
keys = PublishedKeys(f"{issuer}/.well-known/jwks.json")
done = set()  # ids of processed events; a table of your database with the id as its key survives a restart


def on_event(event, replay):
    """Processes an event. Replace it, and queue what takes longer than a few seconds."""
    print(event["type"], event["id"], "(replay)" if replay else "", flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(max(0, min(length, 1024 * 1024)))
        try:
            event, header = verify(self.headers, body, keys.find, time.time(), issuer, subscription, secret)
            if header.get("verification"):  # Doorbell asks whether this endpoint wants its webhooks
                return self.answer(200, json.dumps({"challenge": event["challenge"]}))
            if event["id"] not in done or header.get("replay"):
                on_event(event, header.get("replay"))
                done.add(event["id"])  # only after processing: if that fails, Doorbell retries
            self.answer(204)
        except Refused as error:
            self.log_error("%s", error)
            self.answer(401, str(error))
        except Exception as error:
            self.log_error("%r", error)
            self.answer(503 if isinstance(error, ConnectionError) else 500)

    def answer(self, status, text=""):
        self.send_response(status)
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Receiver).serve_forever()
