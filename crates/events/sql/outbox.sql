-- Moments are milliseconds since 1970-01-01T00:00:00Z, UTC. Ids are UUIDv7 as text: their order is that of time.

CREATE TABLE outbox_events (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT,
    data TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    -- When its deliveries were made, one for each consumer that was named by then.
    routed_at BIGINT
);

CREATE INDEX outbox_events_unrouted ON outbox_events (id) WHERE routed_at IS NULL;

-- Which consumers a relay has named for which type.
CREATE TABLE outbox_subscriptions (
    type TEXT NOT NULL,
    consumer TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (type, consumer)
);

CREATE TABLE outbox_deliveries (
    event_id TEXT NOT NULL,
    consumer TEXT NOT NULL,
    -- Tries that have begun. It also tells them apart: one that lost its lease cannot speak for a later one.
    attempt BIGINT NOT NULL,
    -- When it may be tried next; the end of the lease while it is tried; null once it was delivered or given up.
    next_at BIGINT,
    leased_until BIGINT,
    last_error TEXT,
    delivered_at BIGINT,
    dead_at BIGINT,
    PRIMARY KEY (event_id, consumer)
);

CREATE INDEX outbox_deliveries_open ON outbox_deliveries (consumer, next_at, event_id) WHERE next_at IS NOT NULL;

CREATE INDEX outbox_deliveries_leased ON outbox_deliveries (consumer, leased_until) WHERE leased_until IS NOT NULL;

CREATE INDEX outbox_deliveries_dead ON outbox_deliveries (event_id, consumer) WHERE dead_at IS NOT NULL;

-- Counts for metrics, so that nobody counts rows.
CREATE TABLE outbox_totals (
    consumer TEXT PRIMARY KEY,
    delivered BIGINT NOT NULL,
    retried BIGINT NOT NULL,
    dead BIGINT NOT NULL
);
