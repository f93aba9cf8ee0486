CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    handle TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    -- The address in lower case: who differs only in case is the same person.
    email_key TEXT NOT NULL UNIQUE,
    email_verified INTEGER NOT NULL DEFAULT 0,
    display_name TEXT NOT NULL,
    bio TEXT NOT NULL DEFAULT '',
    -- A JSON array of texts.
    roles TEXT NOT NULL,
    -- A PHC string: the algorithm, its parameters, the salt and the hash.
    password_hash TEXT NOT NULL,
    -- Milliseconds since 1970, UTC.
    created_at BIGINT NOT NULL
);
