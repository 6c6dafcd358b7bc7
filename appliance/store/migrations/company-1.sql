-- One company's content: people, messages, conversations. Everything here is sealed under the company's own key.
CREATE TABLE company (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    company_id TEXT NOT NULL,
    name TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

-- Numbers for people, own and foreign, so that messages and their indexes stay small.
CREATE TABLE person (
    no INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    company_id TEXT NOT NULL
) STRICT;

CREATE TABLE user (
    no INTEGER PRIMARY KEY REFERENCES person (no),
    email TEXT NOT NULL UNIQUE,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    job_title TEXT NOT NULL DEFAULT '',
    nick_name TEXT NOT NULL DEFAULT '',
    country TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT 'en',
    timezone TEXT NOT NULL DEFAULT '',
    set_apart TEXT,
    roles INTEGER NOT NULL,
    active INTEGER NOT NULL,
    presence TEXT NOT NULL DEFAULT 'online',
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;

-- Argon2id (A2): parameters stand beside each hash so that they can grow.
CREATE TABLE password (
    user_no INTEGER PRIMARY KEY REFERENCES user (no) ON DELETE CASCADE,
    salt BLOB NOT NULL,
    hash BLOB NOT NULL,
    memory_kib INTEGER NOT NULL,
    passes INTEGER NOT NULL,
    lanes INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    user_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    application_id TEXT,
    client TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_user ON session (user_no, seen_ms);

-- stamp_us orders the archive, is MAM's archive id and says when: strictly increasing within this file.
CREATE TABLE message (
    stamp_us INTEGER PRIMARY KEY,
    low_no INTEGER NOT NULL,
    high_no INTEGER NOT NULL,
    sender_no INTEGER NOT NULL,
    recipient_no INTEGER NOT NULL,
    sender_resource TEXT NOT NULL,
    stanza_id TEXT NOT NULL,
    digest BLOB NOT NULL,
    change_digest BLOB,
    payload TEXT NOT NULL,
    body TEXT NOT NULL,
    kept INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    received_ms INTEGER,
    read_ms INTEGER,
    changed_ms INTEGER
) STRICT;
CREATE INDEX message_by_pair ON message (low_no, high_no, stamp_us);
CREATE INDEX message_by_name ON message (sender_no, stanza_id);
CREATE INDEX message_unread ON message (recipient_no, sender_no, stamp_us) WHERE read_ms IS NULL;
CREATE INDEX message_pending ON message (recipient_no, stamp_us) WHERE pending = 1;

CREATE TABLE conversation (
    owner_no INTEGER NOT NULL,
    peer_no INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    open INTEGER NOT NULL,
    mute INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    last_us INTEGER NOT NULL DEFAULT 0,
    cleared_us INTEGER NOT NULL DEFAULT -1,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (owner_no, peer_no)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_latest ON conversation (owner_no, last_us);

-- What must follow elsewhere (decisions 8, 12, 13): the lane is this file, seq has no gap.
CREATE TABLE outbox (
    lane TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (lane, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE lane (
    lane TEXT PRIMARY KEY,
    next_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
