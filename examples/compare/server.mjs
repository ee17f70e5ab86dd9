// npm oidc-provider 9, configured like the counter: FAPI 2.0, PAR, private_key_jwt, DPoP, ES256, JWT access tokens of five
// minutes, pairwise subjects, refresh tokens that do not rotate, authorization_details, signed introspection.
//
//   node server.mjs DIRECTORY [PORT]
//
// Writes DIRECTORY/clients/load_test.json as `madoguchi dev` does, so that `examples/load` drives either. Its sign-in and
// consent pages have the fields of the counter's, and nothing else. It keeps everything in memory; the adapter that it brings
// keeps no more than a thousand records and forgets the rest, so there is one here that forgets nothing.

import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { Provider } from 'oidc-provider'

const [directory, port = '8091'] = process.argv.slice(2)
if (!directory) throw new Error('usage: node server.mjs DIRECTORY [PORT]')
const issuer = `http://localhost:${port}`
const redirectUri = 'http://127.0.0.1:8767/callback'
const scope = 'openid offline_access catalog self_information'
const resource = `${issuer}/v1`

function es256(kid) {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const named = { kid, use: 'sig', alg: 'ES256' }
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    private: { ...privateKey.export({ format: 'jwk' }), ...named },
    public: { ...publicKey.export({ format: 'jwk' }), ...named },
  }
}

const records = new Map() // by model and id
const byGrant = new Map() // keys of what a grant gave
class Memory {
  constructor(model) {
    this.model = model
  }
  key(id) {
    return `${this.model}:${id}`
  }
  async upsert(id, payload, expiresIn) {
    const key = this.key(id)
    records.set(key, { payload, until: expiresIn ? Date.now() + expiresIn * 1000 : Infinity })
    if (payload.uid) records.set(this.key(`uid:${payload.uid}`), { payload, until: Infinity })
    if (!payload.grantId) return
    if (!byGrant.has(payload.grantId)) byGrant.set(payload.grantId, new Set())
    byGrant.get(payload.grantId).add(key)
  }
  async find(id) {
    const record = records.get(this.key(id))
    return record && Date.now() < record.until ? record.payload : undefined
  }
  async findByUid(uid) {
    return this.find(`uid:${uid}`)
  }
  async findByUserCode() {
    return undefined
  }
  async consume(id) {
    const record = records.get(this.key(id))
    if (record) record.payload.consumed = Math.floor(Date.now() / 1000)
  }
  async destroy(id) {
    records.delete(this.key(id))
  }
  async revokeByGrantId(grantId) {
    for (const key of byGrant.get(grantId) ?? []) records.delete(key)
    byGrant.delete(grantId)
  }
}

const clientKey = es256('load-test')
const client = {
  client_id: 'load-test',
  application_type: 'native', // a loopback redirect address
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
  response_types: ['code'],
  scope,
  subject_type: 'pairwise',
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  dpop_bound_access_tokens: true,
  require_pushed_authorization_requests: true,
  id_token_signed_response_alg: 'ES256',
  introspection_signed_response_alg: 'ES256',
  authorization_details_types: ['self_information'],
  jwks: { keys: [clientKey.public] },
}

const details = (ctx, source) => source?.rar ?? JSON.parse(ctx.oidc.params.authorization_details ?? '[]')

const provider = new Provider(issuer, {
  adapter: Memory,
  clients: [client],
  jwks: { keys: [es256('server').private] },
  cookies: { keys: [randomBytes(32).toString('base64url')] },
  scopes: scope.split(' '),
  subjectTypes: ['pairwise'],
  pairwiseIdentifier: (ctx, accountId) => createHash('sha256').update(`load-test.example ${accountId}`).digest('base64url'),
  enabledJWA: {
    clientAuthSigningAlgValues: ['ES256', 'PS256', 'EdDSA'],
    idTokenSigningAlgValues: ['ES256'],
    introspectionSigningAlgValues: ['ES256'],
    dPoPSigningAlgValues: ['ES256', 'PS256', 'EdDSA'],
  },
  features: {
    devInteractions: { enabled: false },
    fapi: { enabled: true, profile: '2.0' },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    jwtIntrospection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'catalog self_information',
        audience: resource,
        accessTokenTTL: 300,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
    richAuthorizationRequests: {
      enabled: true,
      types: { self_information: { validate: () => {} } },
      authorizationDetailsForGrantSource: details,
      authorizationDetailsForAccessToken: (ctx, token, source) => details(ctx, source),
      authorizationDetailsForIntrospection: (ctx, token) => token.rar,
    },
  },
  ttl: { AccessToken: 300, ClientCredentials: 300, AuthorizationCode: 60, IdToken: 300, RefreshToken: 2592000, Grant: 2592000, Interaction: 600, Session: 600 },
  issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: false,
  findAccount: (ctx, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
})
provider.on('server_error', (ctx, error) => console.error(error))

const page = (form) => `<!DOCTYPE html><title>Sign in</title><main><form method="post">${form}</form></main>`
const login = page(
  '<label>Card <input id="card_number" name="card_number"></label><label>PIN <input id="pin" name="pin" type="password"></label>' +
    '<button id="sign-in">Sign in</button>',
)
const consent = page(
  '<button id="refuse" name="decision" value="refuse">Refuse</button><button id="agree" name="decision" value="agree">Agree</button>',
)

async function body(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return new URLSearchParams(Buffer.concat(parts).toString())
}

async function interact(request, response) {
  const { prompt, params, session } = await provider.interactionDetails(request, response)
  if (request.method !== 'POST') {
    response.setHeader('content-type', 'text/html; charset=utf-8').end(prompt.name === 'login' ? login : consent)
    return
  }
  const form = await body(request)
  if (prompt.name === 'login') {
    const accountId = form.get('pin') === '1234' ? form.get('card_number') : undefined
    await provider.interactionFinished(request, response, accountId ? { login: { accountId } } : { error: 'access_denied' })
    return
  }
  if (form.get('decision') !== 'agree') {
    await provider.interactionFinished(request, response, { error: 'access_denied' })
    return
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id })
  const missing = prompt.details
  if (missing.missingOIDCScope) grant.addOIDCScope(missing.missingOIDCScope.join(' '))
  if (missing.missingOIDCClaims) grant.addOIDCClaims(missing.missingOIDCClaims)
  for (const [at, scopes] of Object.entries(missing.missingResourceScopes ?? {})) grant.addResourceScope(at, scopes.join(' '))
  for (const detail of missing.rar ?? []) grant.addRar(detail)
  await provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true })
}

const answer = provider.callback()
const server = createServer((request, response) => {
  if (!request.url.startsWith('/interaction/')) return answer(request, response)
  return interact(request, response).catch((error) => {
    response.statusCode = 400
    response.end(String(error))
  })
})

mkdirSync(join(directory, 'clients'), { recursive: true })
writeFileSync(
  join(directory, 'clients', 'load_test.json'),
  JSON.stringify({ client_id: client.client_id, issuer, redirect_uri: redirectUri, scope, purpose: 'measurement', alg: 'ES256', kid: 'load-test', private_key_pem: clientKey.pem }, null, 2),
  { mode: 0o600 },
)
server.listen(Number(port), '127.0.0.1', () => console.log(`oidc-provider listens at ${issuer}`))
