-- One row for each key that was used and is not forgotten yet. Moments are milliseconds since 1970, UTC.
CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,
    -- Method and path template of the route.
    route TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    -- Who is at work: a request that has lost its claim cannot answer for the one that took it.
    claim TEXT,
    fingerprint TEXT,
    -- The first answer as JSON; absent while the first request is at work.
    answer TEXT,
    -- Until then nobody else may begin while there is no answer, and the answer is kept when there is one.
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (caller, route, idempotency_key),
    CHECK ((answer IS NULL) = (fingerprint IS NULL))
);

CREATE INDEX idempotency_keys_expiring ON idempotency_keys (expires_at);
