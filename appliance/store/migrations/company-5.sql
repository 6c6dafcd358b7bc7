-- Where the browser of a sign-in is told of new messages (RFC 8030). It goes with its session.
CREATE TABLE push_subscription (
    id TEXT PRIMARY KEY,
    user_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    session_id TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    endpoint TEXT NOT NULL UNIQUE,
    p256dh BLOB NOT NULL,
    auth BLOB NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX push_subscription_by_user ON push_subscription (user_no, created_ms);
CREATE INDEX push_subscription_by_session ON push_subscription (session_id);
