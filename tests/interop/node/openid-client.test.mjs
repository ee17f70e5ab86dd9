// openid-client 6: PAR, private_key_jwt and DPoP, from discovery to revocation.

import * as client from 'openid-client'
import { citizen } from './browser.mjs'
import { aSecond, check, details, end, fails, readyMade, RETRIEVAL, retrieval, retrievalHeaders, SCOPE } from './story.mjs'

const file = await readyMade('loan_bank')

// The sandbox's counter speaks plain HTTP on the loopback interface; a real one is https only.
const config = await client.discovery(new URL(file.issuer), file.client_id, {}, client.PrivateKeyJwt(file.key), {
  execute: [client.allowInsecureRequests],
})
const server = config.serverMetadata()
check(server.issuer === file.issuer, 'discovery names the issuer that was asked', server.issuer)
check(server.require_pushed_authorization_requests === true, 'discovery says that requests are pushed')

const dpop = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))

async function ask(answer) {
  const verifier = client.randomPKCECodeVerifier()
  const [state, nonce] = [client.randomState(), client.randomNonce()]
  const address = await client.buildAuthorizationUrlWithPAR(
    config,
    {
      redirect_uri: file.redirect_uri,
      scope: SCOPE,
      state,
      nonce,
      authorization_details: details(file),
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    },
    { DPoP: dpop },
  )
  check([...address.searchParams.keys()].sort().join() === 'client_id,request_uri', 'the browser carries client_id and request_uri only')
  const back = await citizen(address.href, file.redirect_uri, answer)
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  return client.authorizationCodeGrant(config, back, checks, undefined, { DPoP: dpop })
}

const tokens = await ask('agree')
check(tokens.token_type === 'dpop', 'the code is exchanged for a DPoP token', tokens.token_type)
check(JSON.parse(JSON.stringify(tokens.authorization_details))[0].type === 'self_information', 'the token response tells what was agreed to')
const { sub } = tokens.claims()

const user = await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP: dpop })
check(user.sub === sub, 'userinfo has the subject of the id_token')

const retrieve = (token) =>
  client.fetchProtectedResource(config, token, new URL(RETRIEVAL, file.issuer), 'POST', retrieval, retrievalHeaders(), { DPoP: dpop })
const answer = await retrieve(tokens.access_token)
const body = await answer.json()
check(answer.status === 200 && body.data_sets[0].outcome === 'ok', 'the retrieval is answered', body)

const renewed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: dpop })
check(renewed.access_token !== tokens.access_token, 'a refresh gives another access token')
check((renewed.refresh_token ?? tokens.refresh_token) === tokens.refresh_token, 'the refresh token does not rotate')

const own = await client.clientCredentialsGrant(config, { scope: 'catalog' }, { DPoP: dpop })
check(own.token_type === 'dpop' && own.scope === 'catalog', 'the client gets a token of its own')

const told = await client.tokenIntrospection(config, renewed.access_token)
check(told.active === true && told.client_id === file.client_id, 'introspection says that it is active', told)

await client.tokenRevocation(config, tokens.refresh_token)
const after = await client.tokenIntrospection(config, renewed.access_token)
check(after.active === false, 'after revocation introspection says that it is not', after)
await aSecond()
const refused = await fails(() => retrieve(renewed.access_token))
check(refused instanceof client.WWWAuthenticateChallengeError && refused.cause[0].parameters.error === 'invalid_token', 'after revocation the API refuses it', refused)

const denied = await fails(() => ask('refuse'))
check(denied instanceof client.AuthorizationResponseError && denied.error === 'access_denied', "the citizen's refusal comes back as access_denied", denied)

end('openid-client')
