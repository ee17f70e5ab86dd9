// A browser without script: cookies, redirects, plain forms. Controls are taken hold of by their stable ids.

const ATTRIBUTE = /([a-z_-]+)(?:\s*=\s*"([^"]*)")?/gi

const plain = (text) =>
  text.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&#x27;', "'")
    .replaceAll('&lt;', '<').replaceAll('&#60;', '<').replaceAll('&gt;', '>').replaceAll('&#62;', '>')
    .replaceAll('&#38;', '&').replaceAll('&amp;', '&')

const attributes = (tag) => {
  const found = {}
  for (const [, name, value] of tag.replace(/^<\w+/, '').matchAll(ATTRIBUTE)) found[name.toLowerCase()] = plain(value ?? '')
  return found
}

export class Browser {
  #cookies = new Map()
  #fetch

  constructor(by = fetch) {
    this.#fetch = by
  }

  /** Opens an address and follows redirects, but stops before one that starts with `stop`. */
  async open(url, stop) {
    return this.#go(new URL(url), {}, stop)
  }

  /** Fills controls by id, then clicks the button with the id `button`. */
  async submit(page, fields, button, stop) {
    const form = page.forms.find((f) => f.controls.some((c) => c.id === button))
    if (!form) throw new Error(`the page at ${page.url.pathname} has no button with id ${button}`)
    const sent = new URLSearchParams()
    for (const control of form.controls) {
      const value = fields[control.id] ?? control.value ?? (control.type === 'checkbox' ? 'on' : '')
      const isSent =
        control.tag === 'button' ? control.id === button : !/^(checkbox|radio)$/.test(control.type ?? '') || 'checked' in control
      if (isSent && control.name) sent.append(control.name, value)
    }
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      origin: page.url.origin,
      'sec-fetch-site': 'same-origin',
    }
    return this.#go(new URL(form.action, page.url), { method: 'POST', headers, body: sent.toString() }, stop)
  }

  /** TLS by the given `fetch`, which knows the made-up authority; plain HTTP by the usual one. */
  #send(url, init) {
    return url.protocol === 'https:' ? this.#fetch(url, init) : fetch(url, init)
  }

  async #go(url, init, stop) {
    for (let hops = 0; hops < 10; hops++) {
      const cookie = [...this.#cookies].filter(([key]) => key.startsWith(`${url.hostname} `)).map(([key, value]) => `${key.split(' ')[1]}=${value}`)
      const headers = { 'accept-language': 'en', ...(cookie.length ? { cookie: cookie.join('; ') } : {}), ...init.headers }
      const answer = await this.#send(url, { ...init, headers, redirect: 'manual' })
      for (const line of answer.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
        if (/max-age=0(;|$)/i.test(line)) this.#cookies.delete(`${url.hostname} ${name}`)
        else this.#cookies.set(`${url.hostname} ${name}`, value)
      }
      const location = answer.status >= 300 && answer.status < 400 ? answer.headers.get('location') : undefined
      if (!location) return read(url, answer.status, await answer.text())
      // A form's answer must not make the browser send the form again (RFC 9700 §4.12).
      if (init.method === 'POST' && answer.status !== 303) throw new Error(`a form was answered ${answer.status}, not 303`)
      url = new URL(location, url)
      init = {}
      if (stop && url.href.startsWith(stop)) return { url, status: answer.status, forms: [], text: '' }
    }
    throw new Error(`too many redirects, last to ${url.pathname}`)
  }
}

function read(url, status, html) {
  const forms = [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head, body]) => ({
    action: attributes(`<form ${head}`).action,
    controls: [...body.matchAll(/<(input|button)\b[^>]*>/gi)].map(([tag, name]) => ({ tag: name.toLowerCase(), ...attributes(tag) })),
  }))
  return { url, status, forms, text: html.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ').trim() }
}

/** The sandbox's first person signs in with a card and answers the consent page: `agree` or `refuse`. */
export async function citizen(address, redirectUri, answer, by) {
  const browser = new Browser(by)
  const signIn = await browser.open(address)
  const consent = await browser.submit(signIn, { card_number: '1000000000000001', pin: '1234' }, 'sign-in')
  const back = await browser.submit(consent, {}, answer, redirectUri)
  if (!back.url.href.startsWith(redirectUri)) throw new Error(`the consent page did not lead back (${back.status}): ${back.text.slice(0, 300)}`)
  return back.url
}
