// oauth4webapi 3: a client that proves itself, and binds its tokens, by its TLS certificate alone (RFC 8705).

import * as oauth from 'oauth4webapi'
import { citizen } from './browser.mjs'
import { fetchWith, judged } from './judged.mjs'
import { check, end, fails } from './story.mjs'

const us = await judged('madoguchi-mtls-mtls', 1)
const other = await judged('madoguchi-mtls-mtls', 2)
const issuer = new URL(us.issuer)
const [plain, shown, another] = [fetchWith(), fetchWith(us.tls), fetchWith(other.tls)]
const by = (fetch) => ({ [oauth.customFetch]: fetch })
const client = { client_id: us.client_id, use_mtls_endpoint_aliases: true }
const auth = oauth.TlsClientAuth()

const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, by(plain)))
check(as.token_endpoint_auth_methods_supported.includes('tls_client_auth'), 'discovery offers tls_client_auth')
check(as.tls_client_certificate_bound_access_tokens === true, 'discovery offers tokens bound to certificates')
check(as.mtls_endpoint_aliases.token_endpoint !== as.token_endpoint, 'discovery names the endpoints that ask for certificates')

async function push(fetch, verifier, state, nonce) {
  const request = {
    response_type: 'code',
    redirect_uri: us.redirect_uri,
    scope: 'openid offline_access',
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  const response = await oauth.pushedAuthorizationRequest(as, client, auth, request, by(fetch))
  return oauth.processPushedAuthorizationResponse(as, client, response)
}

const verifier = oauth.generateRandomCodeVerifier()
const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
for (const [fetch, what] of [[plain, 'without a certificate'], [another, "with another client's certificate"]]) {
  const refused = await fails(() => push(fetch, verifier, state, nonce))
  check(refused instanceof oauth.ResponseBodyError && refused.error === 'invalid_client', `a request ${what} is refused`, refused)
}

const pushed = await push(shown, verifier, state, nonce)
const address = new URL(as.authorization_endpoint)
address.search = new URLSearchParams({ client_id: us.client_id, request_uri: pushed.request_uri })
const back = await citizen(address.href, us.redirect_uri, 'agree', plain)
const code = oauth.validateAuthResponse(as, client, back, state)
const response = await oauth.authorizationCodeGrantRequest(as, client, auth, code, us.redirect_uri, verifier, by(shown))
const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: nonce, requireIdToken: true })
check(tokens.token_type === 'bearer', 'the code is exchanged for a token', tokens.token_type)
const { sub } = oauth.getValidatedIdTokenClaims(tokens)

const user = await oauth.userInfoRequest(as, client, tokens.access_token, by(shown))
check((await oauth.processUserInfoResponse(as, client, sub, user)).sub === sub, 'userinfo has the subject of the id_token')
const account = (fetch, token) => oauth.protectedResourceRequest(token, 'GET', new URL(us.account), undefined, undefined, by(fetch))
check((await account(shown, tokens.access_token)).status === 200, 'the API takes the token over the same certificate')
for (const [fetch, what] of [[plain, 'without a certificate'], [another, 'over another certificate']]) {
  const refused = await fails(() => account(fetch, tokens.access_token))
  check(refused instanceof oauth.WWWAuthenticateChallengeError && refused.status === 401, `the API refuses the token ${what}`, refused)
}

const renewed = await oauth.processRefreshTokenResponse(
  as, client, await oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, by(shown)),
)
check((renewed.refresh_token ?? tokens.refresh_token) === tokens.refresh_token, 'the refresh token does not rotate')
const told = await oauth.processIntrospectionResponse(
  as, client, await oauth.introspectionRequest(as, client, auth, renewed.access_token, by(shown)),
)
check(told.active === true && typeof told.cnf['x5t#S256'] === 'string', 'introspection names the certificate that it is bound to', told)
await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, tokens.refresh_token, by(shown)))

end('oauth4webapi, mTLS')
