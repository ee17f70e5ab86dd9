"""DPoP (RFC 9449) for Authlib, which signs client assertions and checks tokens but knows no proofs."""

import base64
import hashlib
import time
import uuid

from authlib.oauth2.auth import TokenAuth
from joserfc import jwt
from joserfc.jwk import ECKey


class Dpop:
    """A key of the moment, the proofs that it signs, and the nonces that servers gave."""

    def __init__(self):
        self.key = ECKey.generate_key("P-256", auto_kid=False)
        self.nonces = {}

    def proof(self, method, url, token=None):
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.as_dict(private=False)}
        claims = {"jti": str(uuid.uuid4()), "htm": method, "htu": str(url).split("?")[0], "iat": int(time.time())}
        if token:
            claims["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        if nonce := self.nonces.get(origin(url)):
            claims["nonce"] = nonce
        return jwt.encode(header, claims, self.key, algorithms=["ES256"])

    def sign(self, request):
        """To be called with every request that leaves (an event hook)."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token if scheme.lower() == "dpop" else None
        request.headers["dpop"] = self.proof(request.method, request.url, token)

    def keep(self, response):
        """To be called with every response that comes (an event hook)."""
        if nonce := response.headers.get("dpop-nonce"):
            self.nonces[origin(response.request.url)] = nonce


def origin(url):
    return str(url).split("/", 3)[2]


def in_header(token, uri, headers, body, placement):
    """How Authlib puts a DPoP token into a call."""
    assert placement == "header"
    headers["Authorization"] = f"DPoP {token}"
    return uri, headers, body


TokenAuth.SIGN_METHODS["dpop"] = in_header
