// openid-client 6: signed requests (JAR) and signed responses (JARM), which this client must use, and signed introspection
// (RFC 9701); over TLS.

import * as client from 'openid-client'
import { citizen } from './browser.mjs'
import { fetchWith, judged } from './judged.mjs'
import { check, end, fails } from './story.mjs'

const us = await judged('madoguchi-private-key-jwt-dpop-signed', 1)
const fetch = fetchWith()

// RFC 9701: introspection is answered by a signed JWT, whose signature `enableNonRepudiationChecks` looks at.
const metadata = { introspection_signed_response_alg: 'ES256' }
const config = await client.discovery(new URL(us.issuer), us.client_id, metadata, client.PrivateKeyJwt(us.key), {
  [client.customFetch]: fetch,
})
const server = config.serverMetadata()
check(server.response_modes_supported.includes('jwt'), 'discovery offers response_mode=jwt')
check(server.authorization_signing_alg_values_supported.length > 0, 'discovery names how responses are signed')
client.useJwtResponseMode(config)
client.enableNonRepudiationChecks(config)
const dpop = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))

async function request(verifier, state, nonce) {
  return {
    redirect_uri: us.redirect_uri,
    scope: 'openid offline_access',
    response_mode: 'jwt',
    state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  }
}

const within = {
  // FAPI 2.0 Message Signing §5.3.2: a request object has nbf, and lives for an hour at most.
  [client.modifyAssertion]: (header, payload) => {
    header.typ = 'oauth-authz-req+jwt'
    payload.nbf ??= Math.floor(Date.now() / 1000)
  },
}

async function ask(answer) {
  const verifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const { searchParams } = await client.buildAuthorizationUrlWithJAR(config, await request(verifier, state, nonce), us.key, within)
  check([...searchParams.keys()].sort().join() === 'client_id,request', 'everything is in the request object')
  const address = await client.buildAuthorizationUrlWithPAR(config, searchParams, { DPoP: dpop })
  const back = await citizen(address.href, us.redirect_uri, answer, fetch)
  check([...back.searchParams.keys()].join() === 'response', 'the answer is one signed response')
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  return client.authorizationCodeGrant(config, back, checks, undefined, { DPoP: dpop })
}

const tokens = await ask('agree')
check(tokens.token_type === 'dpop', 'its code is exchanged for a DPoP token')
const user = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP: dpop })
check(user.sub === tokens.claims().sub, 'userinfo has the subject of the id_token')
const account = await client.fetchProtectedResource(config, tokens.access_token, new URL(us.account), 'GET', undefined, undefined, { DPoP: dpop })
check(account.status === 200, 'the API takes the token', account.status)

const told = await client.tokenIntrospection(config, tokens.access_token)
check(told.active === true && told.client_id === us.client_id, 'introspection is answered by a signed JWT', told)

const denied = await fails(() => ask('refuse'))
check(denied instanceof client.AuthorizationResponseError && denied.error === 'access_denied', "the citizen's refusal is signed as well", denied)

const verifier = client.randomPKCECodeVerifier()
const unsigned = await request(verifier, client.randomState(), client.randomNonce())
const refused = await fails(() => client.buildAuthorizationUrlWithPAR(config, unsigned, { DPoP: dpop }))
check(refused instanceof client.ResponseBodyError && refused.status === 400, 'a request that is not signed is refused', refused)

end('openid-client, JAR and JARM')
