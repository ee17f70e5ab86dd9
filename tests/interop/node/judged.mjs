// The clients that `examples/judge` made: their keys and certificates stand in the configurations of the suite.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Agent, request as httpsRequest } from 'node:https'
import { webcrypto } from 'node:crypto'

/** Where `examples/judge` wrote its files. */
export const directory = process.argv[3]
if (!directory) throw new Error('usage: node PROGRAM.test.mjs DIRECTORY-OF-DEV DIRECTORY-OF-JUDGE')

const ALGORITHM = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256' },
  PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
}

/** Client 1 or 2 of a case, e.g. `madoguchi-private-key-jwt-dpop-signed`. */
export async function judged(name, number) {
  const file = readdirSync(join(directory, 'plans')).find((f) => f === `${name}-openid_connect-simple.json`)
  const plan = JSON.parse(readFileSync(join(directory, 'plans', file), 'utf8'))
  const client = plan[number === 1 ? 'client' : 'client2']
  const [jwk] = client.jwks.keys
  const key = await webcrypto.subtle.importKey('jwk', jwk, ALGORITHM[jwk.alg], false, ['sign'])
  const metadata = JSON.parse(readFileSync(join(directory, 'clients.json'), 'utf8')).find((c) => c.client_id === client.client_id)
  return {
    client_id: client.client_id,
    issuer: plan.server.discoveryUrl.replace('/.well-known/openid-configuration', ''),
    account: plan.resource.resourceUrl,
    redirect_uri: metadata.redirect_uris[number - 1],
    alg: jwk.alg,
    key: { key, kid: jwk.kid },
    tls: plan[number === 1 ? 'mtls' : 'mtls2'],
  }
}

/** `fetch` over connections that show a client certificate and trust the made-up authority. */
export function fetchWith(certificate) {
  const ca = readFileSync(join(directory, 'authority.crt'))
  const agent = new Agent({ keepAlive: true, ca, cert: certificate?.cert, key: certificate?.key })
  return (url, { method = 'GET', headers, body } = {}) =>
    new Promise((resolve, reject) => {
      const call = httpsRequest(url, { agent, method, headers: Object.fromEntries(new Headers(headers)) }, async (answer) => {
        const parts = []
        for await (const part of answer) parts.push(part)
        const bytes = Buffer.concat(parts)
        const received = new Headers()
        for (let i = 0; i < answer.rawHeaders.length; i += 2) received.append(answer.rawHeaders[i], answer.rawHeaders[i + 1])
        resolve(new Response(bytes.length ? bytes : null, { status: answer.statusCode, headers: received }))
      })
      call.on('error', reject)
      call.end(body === undefined || body === null ? undefined : body.toString())
    })
}
