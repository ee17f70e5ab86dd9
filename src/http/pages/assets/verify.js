// Checks a receipt of the log of evidence, in the reader's own browser: nothing is sent anywhere.
//
// The same checks as `madoguchi audit verify --receipt`: the form, the signature of the log's key on the checkpoint
// (Ed25519, C2SP signed-note), the commitment of record and salt, and the path from it to the signed root
// (RFC 9162 §2.1.3.2). Where the log can be reached, also that it still grows from that checkpoint (§2.1.4.2), with
// hashes from its public tiles (C2SP tlog-tiles). Each step ends as `ok`, `bad` or `skipped`, with a reason.
"use strict";
(function (root) {
  const STEPS = ["form", "signature", "inclusion", "growth"];
  const utf8 = (text) => new TextEncoder().encode(text);
  class Stop extends Error {
    constructor(state, why) {
      super(why);
      this.state = state;
    }
  }
  const bad = (why) => new Stop("bad", why);
  const skipped = (why) => new Stop("skipped", why);

  function join(...parts) {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
  function bytes(text, length) {
    if (typeof text !== "string") return null;
    try {
      const read = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const isExact = btoa(String.fromCharCode(...read)) === text;
      return isExact && (length === undefined || read.length === length) ? read : null;
    } catch {
      return null;
    }
  }
  const same = (a, b) => a.length === b.length && a.every((byte, place) => byte === b[place]);
  const hex = (a) => Array.from(a, (byte) => byte.toString(16).padStart(2, "0")).join("");
  async function sha256(...parts) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
  }
  const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
  const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

  // RFC 8785 for what records hold: texts, whole numbers, arrays, objects.
  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const members = Object.keys(value).sort();
    return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }

  function readReceipt(text) {
    let receipt;
    try {
      receipt = JSON.parse(text);
    } catch {
      throw bad("not-json");
    }
    const isWhole = (n) => Number.isSafeInteger(n) && n >= 0;
    const record = receipt && receipt.record;
    if (!record || typeof record !== "object" || typeof receipt.checkpoint !== "string") throw bad("not-receipt");
    if (!isWhole(receipt.leaf_index) || !Array.isArray(receipt.inclusion_proof)) throw bad("not-receipt");
    if (record.receipt !== receipt.receipt) throw bad("other-receipt");
    const salt = bytes(receipt.salt, 32);
    const proof = receipt.inclusion_proof.map((hash) => bytes(hash, 32));
    if (!salt || proof.includes(null)) throw bad("not-receipt");
    return { id: receipt.receipt, record, salt, proof, index: receipt.leaf_index, checkpoint: receipt.checkpoint };
  }

  async function readKeys(text) {
    const keys = [];
    for (const line of String(text).split("\n").map((line) => line.trim()).filter(Boolean)) {
      const [, name, id, key] = /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line) || [];
      const read = bytes(key, 33);
      if (!read || read[0] !== 1) throw bad("key-form");
      const digest = await sha256(utf8(`${name}\n`), read);
      if (hex(digest.slice(0, 4)) !== id) throw bad("key-form");
      keys.push({ name, id: digest.slice(0, 4), key: read.slice(1) });
    }
    if (keys.length === 0) throw bad("key-form");
    return keys;
  }

  async function isSigned(key, text, signature) {
    let imported;
    try {
      imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    } catch (error) {
      // A key of 32 bytes that cannot be read is one thing, a browser without Ed25519 is another.
      throw error && error.name === "NotSupportedError" ? skipped("no-ed25519") : bad("key-form");
    }
    return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, utf8(text));
  }

  // A checkpoint that one of the keys has signed for its own log.
  async function openCheckpoint(note, keys) {
    const split = note.lastIndexOf("\n\n");
    if (split < 0 || !note.endsWith("\n")) throw bad("checkpoint-form");
    const text = note.slice(0, split + 1);
    const lines = note.slice(split + 2, -1).split("\n");
    const [origin, size, rootText] = text.split("\n");
    const root = bytes(rootText, 32);
    if (!origin || !/^(0|[1-9][0-9]{0,15})$/.test(size) || !root) throw bad("checkpoint-form");
    let isFound = false;
    for (const line of lines) {
      const [, name, encoded] = /^\u2014 (\S+) (\S+)$/.exec(line) || [];
      const whole = bytes(encoded);
      if (!whole || whole.length <= 4) throw bad("checkpoint-form");
      const key = keys.find((key) => key.name === name && same(key.id, whole.slice(0, 4)));
      if (!key) continue;
      if (!(await isSigned(key.key, text, whole.slice(4)))) throw bad("forged");
      if (key.name !== origin) throw bad("other-log");
      isFound = true;
    }
    if (!isFound) throw bad("unsigned");
    return { origin, size: Number(size), root };
  }

  const isOdd = (n) => n % 2 === 1;
  const half = (n) => Math.floor(n / 2);

  // RFC 9162 §2.1.3.2.
  async function checkInclusion(index, size, leaf, proof, root) {
    if (index >= size) throw bad("not-in-tree");
    let [place, last, hash] = [index, size - 1, leaf];
    for (const step of proof) {
      if (last === 0) throw bad("proof-length");
      if (isOdd(place) || place === last) {
        hash = await nodeHash(step, hash);
        while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
      } else {
        hash = await nodeHash(hash, step);
      }
      [place, last] = [half(place), half(last)];
    }
    if (last !== 0) throw bad("proof-length");
    if (!same(hash, root)) throw bad("not-logged");
  }

  // RFC 9162 §2.1.4.2.
  async function isGrown(first, second, proof) {
    if (first.size === second.size) return proof.length === 0 && same(first.root, second.root);
    if (first.size > second.size || first.size === 0) return false;
    let [place, last] = [first.size - 1, second.size - 1];
    while (isOdd(place)) [place, last] = [half(place), half(last)];
    const steps = place === 0 ? [first.root, ...proof] : [...proof];
    if (steps.length === 0) return false;
    let [older, newer] = [steps[0], steps[0]];
    for (const step of steps.slice(1)) {
      if (last === 0) return false;
      if (isOdd(place) || place === last) {
        older = await nodeHash(step, older);
        newer = await nodeHash(step, newer);
        while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
      } else {
        newer = await nodeHash(newer, step);
      }
      [place, last] = [half(place), half(last)];
    }
    return last === 0 && same(older, first.root) && same(newer, second.root);
  }

  function powerBelow(n) {
    let power = 1;
    while (power * 2 < n) power *= 2;
    return power;
  }

  // The ranges whose hashes show the growth (RFC 9162 §2.1.4.1), and the whole subtrees each consists of.
  function growthRanges(first, second) {
    let [low, high] = [0, second];
    const ranges = [];
    while (first !== high) {
      const middle = low + powerBelow(high - low);
      if (first <= middle) {
        ranges.push([middle, high]);
        high = middle;
      } else {
        ranges.push([low, middle]);
        low = middle;
      }
    }
    if (low > 0) ranges.push([low, high]);
    return ranges.reverse();
  }
  function subtrees([from, end]) {
    const parts = [];
    while (from < end) {
      let height = 0;
      while (from % 2 ** (height + 1) === 0 && 2 ** (height + 1) <= end - from) height += 1;
      parts.push({ height, index: from / 2 ** height });
      from += 2 ** height;
    }
    return parts;
  }
  function tilePath(level, index, width) {
    let path = String(index % 1000).padStart(3, "0");
    for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
      path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
    }
    return `tile/${level}/${path}${width < 256 ? `.p/${width}` : ""}`;
  }
  async function subtreeHash({ height, index }, size, get) {
    const level = Math.floor(height / 8);
    const count = 2 ** (height % 8);
    const from = index * count;
    const tile = Math.floor(from / 256);
    const width = Math.min(256, Math.floor(size / 256 ** level) - tile * 256);
    const hashes = new Uint8Array(await (await get(tilePath(level, tile, width))).arrayBuffer());
    let row = [];
    for (let at = from % 256; at < (from % 256) + count; at += 1) row.push(hashes.slice(at * 32, at * 32 + 32));
    while (row.length > 1) {
      const above = [];
      for (let at = 0; at < row.length; at += 2) above.push(await nodeHash(row[at], row[at + 1]));
      row = above;
    }
    return row[0];
  }
  async function rangeHash(range, size, get) {
    const hashes = [];
    for (const part of subtrees(range)) hashes.push(await subtreeHash(part, size, get));
    let whole = hashes.pop();
    while (hashes.length > 0) whole = await nodeHash(hashes.pop(), whole);
    return whole;
  }

  async function checkGrowth(head, keys, base) {
    if (!base) throw skipped("offline");
    const get = async (path) => {
      const answer = await fetch(`${base}/evidence/${path}`, { credentials: "omit" });
      if (!answer.ok) throw skipped("offline");
      return answer;
    };
    let newest;
    let proof = [];
    try {
      newest = await openCheckpoint(await (await get("checkpoint")).text(), keys);
      if (newest.size > head.size && head.size > 0) {
        proof = await Promise.all(growthRanges(head.size, newest.size).map((r) => rangeHash(r, newest.size, get)));
      }
    } catch (error) {
      throw error instanceof Stop ? error : skipped("offline");
    }
    // A head that this node has not seen yet is no fork; anybody may hold one that is a second newer.
    if (newest.origin !== head.origin) throw bad("other-log");
    if (newest.size < head.size) throw bad("log-shrunk");
    if (!(await isGrown(head, newest, proof))) throw bad("log-forked");
    return newest;
  }

  // Gives the steps in order: { step, state, why? }, and what was shown.
  async function verify(text, keysText, base) {
    const steps = [];
    const shown = {};
    const take = async (step, work) => {
      try {
        const value = await work();
        steps.push({ step, state: "ok" });
        return value;
      } catch (error) {
        if (!(error instanceof Stop)) throw error;
        steps.push({ step, state: error.state, why: error.message });
        return null;
      }
    };
    if (!root.crypto || !root.crypto.subtle) {
      return { steps: STEPS.map((step) => ({ step, state: "skipped", why: "no-crypto" })), shown };
    }
    const receipt = await take("form", () => readReceipt(text));
    let keys = null;
    const head = receipt && (await take("signature", async () => {
      keys = await readKeys(keysText);
      return openCheckpoint(receipt.checkpoint, keys);
    }));
    if (head) {
      Object.assign(shown, { id: receipt.id, index: receipt.index, size: head.size, origin: head.origin });
      const isIn = await take("inclusion", async () => {
        const entry = await sha256(utf8("madoguchi evidence v1\n"), receipt.salt, utf8(canonical(receipt.record)));
        await checkInclusion(receipt.index, head.size, await leafHash(entry), receipt.proof, head.root);
        return true;
      });
      if (isIn) shown.record = receipt.record;
      if (isIn) await take("growth", () => checkGrowth(head, keys, base));
    }
    for (const step of STEPS.slice(steps.length)) steps.push({ step, state: "skipped", why: "not-reached" });
    return { steps, shown };
  }

  // `ok` only when nothing but the online step was passed over.
  function verdict(steps) {
    if (steps.some(({ state }) => state === "bad")) return "bad";
    return steps.slice(0, 3).every(({ state }) => state === "ok") ? "ok" : "unknown";
  }

  if (typeof module !== "undefined" && module.exports) module.exports = { verify, verdict };
  if (typeof document === "undefined") return;

  const at = (id) => document.getElementById(id);
  const word = (id) => (at(`word-${id}`) ? at(`word-${id}`).textContent : id);
  function show({ steps, shown }) {
    const end = verdict(steps);
    at("result").hidden = false;
    at("verdict").textContent = word(`verdict-${end}`);
    at("verdict").className = `notice${{ bad: " is-bad", unknown: " is-open" }[end] || ""}`;
    for (const { step, state, why } of steps) {
      const tag = at(`state-${step}`);
      tag.textContent = word(`state-${state}`);
      tag.className = `tag${{ ok: " go", bad: " stop" }[state] || ""}`;
      at(`why-${step}`).textContent = why ? word(`why-${why}`) : "";
    }
    at("shown").textContent = shown.record ? JSON.stringify(shown.record, null, 2) : "";
    at("shown-part").hidden = !shown.record;
    at("verdict").focus();
  }
  at("verify").hidden = false;
  at("file").addEventListener("change", async () => {
    const [file] = at("file").files;
    if (file) at("receipt").value = await file.text();
  });
  at("verify").addEventListener("submit", async (event) => {
    event.preventDefault();
    const base = location.protocol.startsWith("http") ? location.origin : null;
    show(await verify(at("receipt").value, at("keys").value, base));
  });
})(globalThis);
