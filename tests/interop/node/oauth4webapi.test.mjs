// oauth4webapi 3: PAR, private_key_jwt and DPoP, call by call, from discovery to revocation.

import * as oauth from 'oauth4webapi'
import { citizen } from './browser.mjs'
import { aSecond, check, end, fails, readyMade, RETRIEVAL, retrieval, retrievalHeaders, SCOPE } from './story.mjs'

const file = await readyMade('vaccination_app')

// The sandbox's counter speaks plain HTTP on the loopback interface; a real one is https only.
const plain = { [oauth.allowInsecureRequests]: true }
const issuer = new URL(file.issuer)
const client = { client_id: file.client_id }
const auth = oauth.PrivateKeyJwt(file.key)

const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...plain }))
check(as.issuer === file.issuer, 'RFC 8414 metadata names the issuer that was asked')
const openid = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, plain))
check(JSON.stringify(openid) === JSON.stringify(as), 'OpenID discovery says the same')

const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))

/** A call that is done once more when the server asks for its nonce (RFC 9449 §8). */
async function again(call, process) {
  try {
    return await process(await call())
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return process(await call())
  }
}

async function ask(answer) {
  const verifier = oauth.generateRandomCodeVerifier()
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()]
  const request = {
    response_type: 'code',
    redirect_uri: file.redirect_uri,
    scope: SCOPE,
    state,
    nonce,
    authorization_details: JSON.stringify([{
      type: 'self_information', purpose: file.purpose, data_sets: [{ code: 'TM00000000000084', items: ['8400000010', '8400000020'] }], access_days: 30,
    }]),
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
  const pushed = await again(
    () => oauth.pushedAuthorizationRequest(as, client, auth, request, { DPoP, ...plain }),
    (response) => oauth.processPushedAuthorizationResponse(as, client, response),
  )
  check(pushed.expires_in < 600, 'a pushed request lives less than ten minutes', pushed.expires_in)
  const address = new URL(as.authorization_endpoint)
  address.search = new URLSearchParams({ client_id: file.client_id, request_uri: pushed.request_uri })
  const back = oauth.validateAuthResponse(as, client, await citizen(address.href, file.redirect_uri, answer), state)
  return again(
    () => oauth.authorizationCodeGrantRequest(as, client, auth, back, file.redirect_uri, verifier, { DPoP, ...plain }),
    (response) => oauth.processAuthorizationCodeResponse(as, client, response, { expectedNonce: nonce, requireIdToken: true }),
  )
}

const tokens = await ask('agree')
check(tokens.token_type === 'dpop', 'the code is exchanged for a DPoP token')
const { sub, acr } = oauth.getValidatedIdTokenClaims(tokens)
check(sub.startsWith('p~') && acr !== undefined, 'the id_token has a pairwise subject and how it was authenticated')

const user = await again(
  () => oauth.userInfoRequest(as, client, tokens.access_token, { DPoP, ...plain }),
  (response) => oauth.processUserInfoResponse(as, client, sub, response),
)
check(user.sub === sub, 'userinfo has the subject of the id_token')

const call = (token, path, method = 'GET', body, headers) =>
  again(() => oauth.protectedResourceRequest(token, method, new URL(path, issuer), headers, body, { DPoP, ...plain }), (response) => response)
const consent = await call(tokens.access_token, '/v1/consent')
check(consent.status === 200, 'the API tells what was agreed to', consent.status)
const foreign = await call(tokens.access_token, RETRIEVAL, 'POST', retrieval, retrievalHeaders())
check(foreign.status === 403, 'a data set that was not agreed to is refused', foreign.status)

const renewed = await again(
  () => oauth.refreshTokenGrantRequest(as, client, auth, tokens.refresh_token, { DPoP, ...plain }),
  (response) => oauth.processRefreshTokenResponse(as, client, response),
)
check(renewed.access_token !== tokens.access_token, 'a refresh gives another access token')
check((renewed.refresh_token ?? tokens.refresh_token) === tokens.refresh_token, 'the refresh token does not rotate')

const own = await again(
  () => oauth.clientCredentialsGrantRequest(as, client, auth, { scope: 'catalog' }, { DPoP, ...plain }),
  (response) => oauth.processClientCredentialsResponse(as, client, response),
)
check(own.scope === 'catalog', 'the client gets a token of its own')

const introspect = async (token) =>
  oauth.processIntrospectionResponse(as, client, await oauth.introspectionRequest(as, client, auth, token, plain))
check((await introspect(renewed.access_token)).active === true, 'introspection says that it is active')
await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, tokens.refresh_token, plain))
check((await introspect(renewed.access_token)).active === false, 'after revocation introspection says that it is not')
await aSecond()
const refused = await fails(() => call(renewed.access_token, '/v1/consent'))
check(refused instanceof oauth.WWWAuthenticateChallengeError && refused.cause[0].parameters.error === 'invalid_token', 'after revocation the API refuses it', refused)

const denied = await fails(() => ask('refuse'))
check(denied instanceof oauth.AuthorizationResponseError && denied.error === 'access_denied', "the citizen's refusal comes back as access_denied", denied)

end('oauth4webapi')
