-- One dialect for SQLite and PostgreSQL. Times are microseconds since 1970 in UTC.
CREATE TABLE sealing_keys (
    id TEXT PRIMARY KEY NOT NULL,
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    retired_at BIGINT
);

CREATE TABLE revocations (
    sequence BIGINT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    issued_before BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL
);

CREATE INDEX revocations_expires_at ON revocations (expires_at);

CREATE TABLE used_tokens (
    token_hash BYTEA PRIMARY KEY NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX used_tokens_expires_at ON used_tokens (expires_at);

-- Taking a number locks its row until the transaction ends, so numbers become visible in order,
-- which the database's own sequences do not promise.
CREATE TABLE counters (
    name TEXT PRIMARY KEY NOT NULL,
    value BIGINT NOT NULL
);

INSERT INTO counters (name, value) VALUES ('keyring', 0), ('revocations', 0);
