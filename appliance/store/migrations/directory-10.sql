-- Relays of other sites (J10), and people whose credentials for relays are no longer good although they have not expired (G1).
CREATE TABLE relay (
    host TEXT PRIMARY KEY,
    port INTEGER NOT NULL,
    secret BLOB NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE relay_revoked (
    user_id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
