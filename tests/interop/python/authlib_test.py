"""Authlib: PAR, private_key_jwt and DPoP, from discovery to revocation."""

import json
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from browser import citizen
from dpop import Dpop

PASSED = 0


def check(holds, what, seen=None):
    global PASSED
    if not holds:
        sys.exit(f"not so: {what} {seen}")
    PASSED += 1
    print(f"  ok  {what}")


class ShortLived(PrivateKeyJWT):
    """Authlib's own assertions live for an hour; the counter takes none that lives longer than six minutes."""

    def sign(self, auth, token_endpoint):
        self.claims = {"exp": int(time.time()) + 60}
        return super().sign(auth, token_endpoint)


class Bank:
    """A third party whose OAuth is Authlib's."""

    def __init__(self, directory):
        self.file = json.loads((Path(directory) / "clients" / "loan_bank.json").read_text())
        self.issuer = self.file["issuer"]
        self.dpop = Dpop()
        key = ECKey.import_key(self.file["private_key_pem"])
        hooks = {"request": [self.dpop.sign], "response": [self.dpop.keep]}
        self.session = OAuth2Client(
            client_id=self.file["client_id"],
            client_secret=key,
            token_endpoint_auth_method="private_key_jwt",
            revocation_endpoint_auth_method="private_key_jwt",
            redirect_uri=self.file["redirect_uri"],
            code_challenge_method="S256",
            event_hooks=hooks,
        )
        # FAPI 2.0 section 5.3.3.1-5: the audience of an assertion is the issuer.
        self.session.register_client_auth_method(
            ShortLived(self.issuer, headers={"kid": self.file["kid"]}, alg="ES256")
        )
        found = self.session.request("GET", get_well_known_url(self.issuer, external=True), withhold_token=True)
        self.metadata = AuthorizationServerMetadata(found.json())

    def auth(self):
        """A fresh assertion; each is good once."""
        return self.session.client_auth("private_key_jwt")

    def ask(self, answer):
        verifier, state, nonce = generate_token(64), generate_token(32), generate_token(32)
        details = [{
            "type": "self_information",
            "purpose": self.file["purpose"],
            "data_sets": [{"code": "TM00000000000002", "items": ["0200000010", "0200000020", "0200000050"]}],
            "access_days": 30,
        }]
        # Authlib builds the authorization request; what it would put into the address is pushed instead (RFC 9126).
        built, _ = self.session.create_authorization_url(
            self.metadata["authorization_endpoint"],
            state=state,
            code_verifier=verifier,
            nonce=nonce,
            scope="openid offline_access self_information",
            authorization_details=json.dumps(details),
        )
        request = {name: values[0] for name, values in parse_qs(urlsplit(built).query).items()}
        pushed = self.session.post(
            self.metadata["pushed_authorization_request_endpoint"], data=request, auth=self.auth()
        )
        check(pushed.status_code == 201, "the request is pushed", pushed.text)
        address = f"{self.metadata['authorization_endpoint']}?client_id={self.file['client_id']}"
        back = citizen(f"{address}&request_uri={pushed.json()['request_uri']}", self.file["redirect_uri"], answer)
        came = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
        check(came["iss"] == self.issuer and came["state"] == state, "the answer names its issuer and our state")
        if "error" in came:
            raise OAuthError(came["error"])
        token = self.session.fetch_token(
            self.metadata["token_endpoint"],
            authorization_response=back,
            state=state,
            code_verifier=verifier,
            auth=self.auth(),
        )
        return token, nonce

    def id_token(self, text, nonce):
        keys = KeySet.import_key_set(self.session.request("GET", self.metadata["jwks_uri"], withhold_token=True).json())
        decoded = jwt.decode(text, keys, algorithms=self.metadata["id_token_signing_alg_values_supported"])
        expected = {"iss": {"value": self.issuer}, "aud": {"value": self.file["client_id"]}}
        claims = CodeIDToken(decoded.claims, decoded.header, expected, {"nonce": nonce})
        claims.validate()
        return claims

    def retrieve(self):
        body = {"data_sets": [{"code": "TM00000000000002", "condition": {"kind": "tax_year", "year": 2025}}]}
        headers = {"prefer": "wait=20", "idempotency-key": str(uuid.uuid4())}
        return self.session.post(f"{self.issuer}/v1/self-information-requests", json=body, headers=headers)


def main():
    bank = Bank(sys.argv[1])
    bank.metadata.validate()
    check(bank.metadata["issuer"] == bank.issuer, "RFC 8414 metadata is valid and names the issuer that was asked")

    token, nonce = bank.ask("agree")
    check(token["token_type"].lower() == "dpop", "the code is exchanged for a DPoP token")
    subject = bank.id_token(token["id_token"], nonce)["sub"]
    check(subject.startswith("p~"), "the id_token is valid and has a pairwise subject")
    user = bank.session.get(bank.metadata["userinfo_endpoint"])
    check(user.json().get("sub") == subject, "userinfo has the subject of the id_token", user.text)
    answer = bank.retrieve()
    outcome = answer.status_code == 200 and answer.json()["data_sets"][0]["outcome"]
    check(outcome == "ok", "the retrieval is answered", answer.text)

    refresh = token["refresh_token"]
    renewed = bank.session.refresh_token(bank.metadata["token_endpoint"], auth=bank.auth())
    check(renewed["access_token"] != token["access_token"], "a refresh gives another access token")
    check(renewed["refresh_token"] == refresh, "the refresh token does not rotate")

    endpoint = bank.metadata["introspection_endpoint"]
    told = bank.session.introspect_token(endpoint, token=renewed["access_token"], auth=bank.auth()).json()
    check(told["active"] is True, "introspection says that it is active", told)
    over = bank.session.revoke_token(bank.metadata["revocation_endpoint"], token=refresh, auth=bank.auth())
    check(over.status_code == 200, "the refresh token is revoked", over.text)
    told = bank.session.introspect_token(endpoint, token=renewed["access_token"], auth=bank.auth()).json()
    check(told == {"active": False}, "after revocation introspection says that it is not", told)
    time.sleep(1)  # a revocation holds at once in the store, and within a second in every node's memory
    refused = bank.retrieve()
    check(refused.status_code == 401 and refused.json()["code"] == "invalid_token", "after revocation the API refuses it")

    try:
        bank.ask("refuse")
        check(False, "the citizen's refusal comes back")
    except OAuthError as error:
        check(error.error == "access_denied", "the citizen's refusal comes back as access_denied", error)
    print(f"Authlib: {PASSED} checks held")


main()
