-- Moments are milliseconds since 1970-01-01T00:00:00Z, UTC.

-- Passkeys (WebAuthn). Nothing in here is secret: the private keys are where their owners keep them.
CREATE TABLE passkeys (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- What the authenticator calls it.
    credential_id BLOB NOT NULL UNIQUE,
    -- Ways to reach the authenticator, as the library writes them: hints for browsers.
    transports BIGINT NOT NULL,
    -- The public key, and what never changes of it, as the library writes them.
    static_state BLOB NOT NULL,
    -- The sign counter, and what changes else, as the library writes them.
    dynamic_state BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
);

CREATE INDEX passkeys_of_account ON passkeys (account_id, id);

-- Challenges that wait for an answer: each is good for one, right or wrong.
CREATE TABLE passkey_challenges (
    -- In hexadecimal digits.
    challenge TEXT PRIMARY KEY,
    -- Who adds a passkey, and in which session; null for a login, of which nobody knows yet whose it is.
    account_id TEXT REFERENCES accounts (id) ON DELETE CASCADE,
    session_id TEXT,
    -- What was asked for, as the library writes it.
    state BLOB NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX passkey_challenges_expire ON passkey_challenges (expires_at);

CREATE INDEX passkey_challenges_of_account ON passkey_challenges (account_id);
