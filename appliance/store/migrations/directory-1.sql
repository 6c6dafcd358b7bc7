-- The directory of the box: opaque ids, keyed hashes, role bits and keys. No personal word stands here (decision 8).
CREATE TABLE box (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    name TEXT NOT NULL,
    domain TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE company (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    visibility TEXT NOT NULL,
    organization_id TEXT,
    name_hash BLOB NOT NULL UNIQUE,
    wrapped_key BLOB NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A log-in name, as HMAC under the directory's lookup key.
CREATE TABLE login (
    hash BLOB PRIMARY KEY,
    user_id TEXT NOT NULL,
    company_id TEXT NOT NULL REFERENCES company (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX login_by_user ON login (user_id);

CREATE TABLE member (
    user_id TEXT PRIMARY KEY,
    company_id TEXT NOT NULL REFERENCES company (id),
    roles INTEGER NOT NULL,
    active INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX member_by_company ON member (company_id);

CREATE TABLE application (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE signing_key (
    id TEXT PRIMARY KEY,
    secret BLOB NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE certificate (
    kind TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    chain_pem TEXT NOT NULL,
    key_pem TEXT NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
