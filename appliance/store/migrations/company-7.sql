-- Tokens by which a standard client signs in again without showing an application password (XEP-0484; A2, A11). A token is a
-- MAC over its id, so it is not here. It ends with the application password that it was given for.
CREATE TABLE fast_token (
    id TEXT PRIMARY KEY,
    password_id TEXT NOT NULL REFERENCES application_password (id) ON DELETE CASCADE,
    -- Hash of what the client calls its installation.
    agent BLOB NOT NULL,
    mechanism TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    used INTEGER NOT NULL,
    -- The highest count that the client has shown with it; 0: it does not count.
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX fast_token_by_password ON fast_token (password_id, expires_ms);
