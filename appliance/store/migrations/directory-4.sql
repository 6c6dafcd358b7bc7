-- Links by which people join, or choose another password (A1, A10): keyed hashes of their tokens, never a token. One of a
-- user is good for one use; `replaces_ms` is when the password that it replaces was set, NULL when there was none.
CREATE TABLE join_link (
    token_hash BLOB PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE REFERENCES member (user_id) ON DELETE CASCADE,
    company_id TEXT NOT NULL,
    replaces_ms INTEGER,
    by_owner INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
