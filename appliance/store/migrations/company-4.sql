-- Application passwords (A2, A11): what SCRAM-SHA-256 needs to check one (RFC 5802, 3), never the password itself.
-- All of a user have one salt, because the client is told it before it shows which of them it has.
CREATE TABLE application_password (
    id TEXT PRIMARY KEY,
    user_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    name TEXT NOT NULL,
    salt BLOB NOT NULL,
    iterations INTEGER NOT NULL,
    stored_key BLOB NOT NULL,
    server_key BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    used_ms INTEGER,
    UNIQUE (user_no, name)
) STRICT, WITHOUT ROWID;
