// Runs the script of the page that checks receipts outside a browser: cases as JSON on standard input, results out.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { verify, verdict } = createRequire(import.meta.url)("../../../src/http/pages/assets/verify.js");
const network = globalThis.fetch;
const results = [];
for (const { receipt, keys, base, answers, without } of JSON.parse(readFileSync(0, "utf8"))) {
  globalThis.fetch = answers ? async (url) => new Response(answers[new URL(url).pathname]) : network;
  const importKey = crypto.subtle.importKey;
  if (without) {
    crypto.subtle.importKey = async () => {
      throw new DOMException("as the test wants", without);
    };
  }
  const { steps } = await verify(receipt, keys, base);
  crypto.subtle.importKey = importKey;
  const last = steps.find(({ state }) => state !== "ok");
  results.push({ verdict: verdict(steps), step: last?.step ?? "", why: last?.why ?? "" });
}
console.log(JSON.stringify(results));
