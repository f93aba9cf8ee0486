// Drives a real tRPC client of npm: reads a plan as JSON from the standard input, makes its calls, and writes what came of them
// as JSON to the standard output.
//
// The plan: {
//   url,                 the address that procedures are below
//   link,                one of the names in links.cjs
//   options,             of that link, such as maxItems
//   headers,             sent with each request
//   connectionParams,    of subscriptions
//   together,            whether all calls are made at the same time, so that links can put them in one request
//   calls: [{kind, path, input?, form?, octets?, take?}]
// }
// The outcome: { results: [{data} | {error} | {events, ended, error?}], requests: [{method, url, status, type}], logged: [...] }
"use strict";

const { createRequire } = require("node:module");
const path = require("node:path");
const { text } = require("node:stream/consumers");
const { chain } = require("./links.cjs");

// Where npm has installed the client, outside of the clone.
const packages = createRequire(path.join(process.env.VITRINE_TRPC_PACKAGES, "package.json"));

function inputOf(call) {
  if (call.form) {
    const form = new FormData();
    for (const { name, text, file, type } of call.form) {
      if (file === undefined) form.append(name, text);
      else form.append(name, new File([text], file, { type }));
    }
    return form;
  }
  if (call.octets) {
    const bytes = Uint8Array.from(call.octets.bytes);
    if (call.octets.as === "Uint8Array") return bytes;
    return call.octets.as === "File" ? new File([bytes], "a.bin") : new Blob([bytes]);
  }
  return call.input;
}

// What a program of a user sees of an error.
function seen(error) {
  const { message, name, shape, data, meta } = error;
  return { message, name, code: shape?.code, data, status: meta?.response?.status };
}

function subscribe(procedure, call) {
  return new Promise((resolve) => {
    const events = [];
    const errors = [];
    const end = (ended, error) => {
      resolve({ events, errors, ended, error: error && seen(error) });
      subscription?.unsubscribe();
    };
    const subscription = procedure.subscribe(inputOf(call), {
      onData(data) {
        events.push(data);
        if (events.length === call.take) queueMicrotask(() => end("taken"));
      },
      onConnectionStateChange({ error }) {
        if (error) errors.push(seen(error));
      },
      onComplete: () => end("complete"),
      onError: (error) => end("error", error),
    });
  });
}

async function perform(client, call) {
  const procedure = call.path.split(".").reduce((node, name) => node[name], client);
  if (call.kind === "subscription") return subscribe(procedure, call);
  try {
    const data = await (call.kind === "query" ? procedure.query(inputOf(call)) : procedure.mutate(inputOf(call)));
    return data === undefined ? { undefined: true } : { data };
  } catch (error) {
    return { error: seen(error) };
  }
}

async function main() {
  const plan = JSON.parse(await text(process.stdin));
  const trpc = packages("@trpc/client");
  const requests = [];
  const logged = [];
  const recording = async (url, init) => {
    const response = await fetch(url, init);
    const { method = "GET" } = init ?? {};
    const answered = { status: response.status, type: response.headers.get("content-type") };
    requests.push({ method, url: String(url), ...answered });
    return response;
  };
  const links = chain({ trpc, packages, plan, fetch: recording, log: (line) => logged.push(line) });
  const create = trpc.createTRPCProxyClient ?? trpc.createTRPCClient;
  const client = create({ links });
  let results;
  if (plan.together) {
    results = await Promise.all(plan.calls.map((call) => perform(client, call)));
  } else {
    results = [];
    for (const call of plan.calls) results.push(await perform(client, call));
  }
  // Connections that are kept for later would hold the process up.
  process.stdout.write(JSON.stringify({ results, requests, logged }), () => process.exit());
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
