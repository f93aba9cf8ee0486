// Registers, adds a passkey and logs in by it, in Chromium with an authenticator that has no hardware. Reads
// {origin, handle, authenticator} as JSON from the standard input, the last as options of WebAuthn.addVirtualAuthenticator, and
// writes what came of each step to the standard output; what nobody expects ends it with an error.
"use strict";

const { createRequire } = require("node:module");
const path = require("node:path");
const { json } = require("node:stream/consumers");

// Where npm has installed Playwright, outside of the clone.
const packages = createRequire(path.join(process.env.VITRINE_BROWSER_PACKAGES, "package.json"));
const { chromium } = packages("playwright-core");

const PASSWORD = "correct horse battery staple";

// Runs in the page. Calls a procedure, and gives its status and its data or error.
async function call([procedure, input, token, type]) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const init = { headers };
  if (type !== "query") {
    init.method = "POST";
    init.headers["content-type"] = "application/json";
    init.body = JSON.stringify(input);
  }
  const response = await fetch(`/api/auth/${procedure}`, init);
  const body = await response.json();
  return { status: response.status, data: body.result?.data, error: body.error?.data };
}

// Runs in the page. What the authenticator answers, or the name of the browser's refusal.
async function ask([kind, options]) {
  try {
    const publicKey =
      kind === "create"
        ? PublicKeyCredential.parseCreationOptionsFromJSON(options)
        : PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = await navigator.credentials[kind]({ publicKey });
    return { credential: credential.toJSON() };
  } catch (error) {
    return { refused: error.name };
  }
}

async function main({ origin, handle, authenticator }) {
  const browser = await chromium.launch({
    executablePath: process.env.VITRINE_CHROMIUM,
    args: [
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-gpu",
      "--disable-quic",
      "--disable-sync",
      "--no-first-run",
      // Root has no sandbox in a container; the pages are the app's own.
      "--no-sandbox",
    ],
  });
  try {
    // The answers of the API are no pages, and their policy lets a page that they are taken for load nothing.
    const context = await browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    await page.goto(`${origin}/.well-known/jwks.json`);
    const cdp = await context.newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2",
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
        ...authenticator,
      },
    });
    const trpc = (procedure, input, token, type) => page.evaluate(call, [procedure, input, token, type]);
    const create = (options) => page.evaluate(ask, ["create", options]);
    const get = (options) => page.evaluate(ask, ["get", options]);
    const login = async (extra = {}) => {
      const begun = await trpc("passkeys.beginLogin", {});
      const { credential, refused } = await get(begun.data.publicKey);
      return refused ? { refused } : trpc("passkeys.finishLogin", { credential, ...extra });
    };
    const steps = {};

    const registered = await trpc("register", { email: `${handle}@example.org`, handle, password: PASSWORD });
    const token = registered.data.tokens.accessToken;
    const begun = await trpc("passkeys.beginRegister", { password: PASSWORD }, token);
    steps.made = await create(begun.data.publicKey);
    if (steps.made.refused) return steps;
    steps.added = await trpc("passkeys.finishRegister", { name: "mine", credential: steps.made.credential }, token);
    steps.listed = await trpc("passkeys.list", null, token, "query");

    // The same authenticator has one already, and the app says so.
    const again = await trpc("passkeys.beginRegister", { password: PASSWORD }, token);
    steps.again = await create(again.data.publicKey);

    steps.login = await login();
    steps.cookies = await login({ cookies: true });
    steps.me = await trpc("me", null, undefined, "query");
    await context.clearCookies();
    steps.stranger = await trpc("me", null, undefined, "query");

    // Whoever is at the device does not show that it is his.
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    steps.unverified = await login();
    await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });

    // A copy that was made when the counter was at its first use.
    const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
    const original = credentials.find((credential) => credential.isResidentCredential);
    await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId: original.credentialId });
    const { credentialId, isResidentCredential, rpId, privateKey, userHandle } = original;
    const copy = { credentialId, isResidentCredential, rpId, privateKey, userHandle, signCount: 0 };
    await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: copy });
    steps.counted = original.signCount;
    steps.copy = await login();

    await cdp.send("WebAuthn.removeCredential", { authenticatorId, credentialId });
    await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...copy, signCount: original.signCount } });
    steps.original = await login();
    steps.removed = await trpc("passkeys.remove", { id: steps.listed.data[0].id, password: PASSWORD }, token);
    steps.afterwards = await login();
    return steps;
  } finally {
    await browser.close();
  }
}

json(process.stdin)
  .then(main)
  .then((steps) => process.stdout.write(JSON.stringify(steps)))
  .catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  });
