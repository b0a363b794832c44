"""A browser for tests: what it needs to subscribe, and what it makes of a push. Not with our code, but with
http_ece and py_vapid, which others push and verify with.

browser.py new            prints {"private", "p256dh", "auth"}, all base64url
browser.py read           takes {"private", "auth", "body", "authorization"}, prints {"text", "claims"}"""

import base64
import json
import sys

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02
from py_vapid.utils import b64urldecode, b64urlencode

AUTH = bytes(range(16))


def new():
    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    number = private.private_numbers().private_value.to_bytes(32, "big")
    return {"private": b64urlencode(number), "p256dh": b64urlencode(point), "auth": b64urlencode(AUTH)}


def read(push):
    number = int.from_bytes(b64urldecode(push["private"].encode()), "big")
    private = ec.derive_private_key(number, ec.SECP256R1())
    text = http_ece.decrypt(
        base64.b64decode(push["body"]), private_key=private, auth_secret=b64urldecode(push["auth"].encode())
    )
    if not Vapid02.verify(push["authorization"]):
        raise SystemExit("the shop's token is not signed by its key")
    claims = push["authorization"].split("t=", 1)[1].split(".")[1]
    return {"text": text.decode(), "claims": json.loads(b64urldecode(claims.encode()))}


if __name__ == "__main__":
    told = new() if sys.argv[1] == "new" else read(json.load(sys.stdin))
    print(json.dumps(told))
