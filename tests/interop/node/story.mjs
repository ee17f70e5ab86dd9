// What every library here is put through has the same words; each program says them with its own calls.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPrivateKey, webcrypto } from 'node:crypto'

/** Where `madoguchi dev` keeps its files. */
export const directory = process.argv[2]
if (!directory) throw new Error('usage: node PROGRAM.test.mjs DIRECTORY-OF-DEV')

/** A ready-made client's own side of its registration, and its key as WebCrypto has it. */
export async function readyMade(name, usages = ['sign']) {
  const file = JSON.parse(readFileSync(join(directory, 'clients', `${name}.json`), 'utf8'))
  const jwk = createPrivateKey(file.private_key_pem).export({ format: 'jwk' })
  const key = await webcrypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, usages)
  return { ...file, key: { key, kid: file.kid } }
}

/** 地方税関係情報: income and local tax. */
export const INCOME = 'TM00000000000002'

export const SCOPE = 'openid offline_access self_information'

/** What is asked of the citizen (RFC 9396). */
export const details = (file) =>
  JSON.stringify([{
    type: 'self_information',
    purpose: file.purpose,
    data_sets: [{ code: INCOME, items: ['0200000010', '0200000020', '0200000050'] }],
    access_days: 30,
  }])

export const RETRIEVAL = '/v1/self-information-requests'

/** The body that asks for the income of one year. */
export const retrieval = JSON.stringify({ data_sets: [{ code: INCOME, condition: { kind: 'tax_year', year: 2025 } }] })

/** Headers of that call. */
export const retrievalHeaders = () =>
  new Headers({ 'content-type': 'application/json', prefer: 'wait=20', 'idempotency-key': webcrypto.randomUUID() })

/** A revocation holds at once in the store, and within a second in every node's memory. */
export const aSecond = () => new Promise((resolve) => setTimeout(resolve, 1000))

let passed = 0

/** One line for each thing that holds; ends the program at the first that does not. */
export function check(holds, what, seen) {
  if (!holds) {
    console.error(`not so: ${what}`, seen ?? '')
    process.exit(1)
  }
  passed += 1
  console.log(`  ok  ${what}`)
}

/** The kind of error that `run` ends in; one that succeeds is a fault of its own. */
export async function fails(run) {
  try {
    await run()
  } catch (error) {
    return error
  }
  return undefined
}

export const end = (library) => console.log(`${library}: ${passed} checks held`)
