-- The keys of our own OpenID Connect issuer. Times are microseconds since 1970 in UTC.
CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY NOT NULL,
    algorithm TEXT NOT NULL,
    secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    signs_from BIGINT NOT NULL
);

INSERT INTO counters (name, value) VALUES ('signing_keys', 0);
