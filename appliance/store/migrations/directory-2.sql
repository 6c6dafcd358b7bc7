-- Who sees whom between companies: modes, grants and edges by opaque ids (B2-B6).
ALTER TABLE company ADD COLUMN partner_id TEXT;
ALTER TABLE member ADD COLUMN set_apart TEXT;

CREATE TABLE organization (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Edges without direction hold the lesser id first.
CREATE TABLE visible_by (
    low_id TEXT NOT NULL REFERENCES company (id),
    high_id TEXT NOT NULL REFERENCES company (id),
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (low_id, high_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE network (
    low_id TEXT NOT NULL,
    high_id TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (low_id, high_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX network_by_high ON network (high_id);

CREATE TABLE invitation (
    id TEXT PRIMARY KEY,
    inviter_id TEXT NOT NULL,
    invited_id TEXT NOT NULL,
    -- The keyed hash of the address by which somebody was invited, when it was not by id.
    address_hash BLOB,
    status TEXT NOT NULL,
    -- Off both lists; it still counts against insisting.
    hidden INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    sent_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX invitation_pending ON invitation (inviter_id, invited_id) WHERE status = 'pending';
CREATE INDEX invitation_by_inviter ON invitation (inviter_id, created_ms);
CREATE INDEX invitation_by_invited ON invitation (invited_id, created_ms);

CREATE TABLE block (
    blocker_id TEXT NOT NULL,
    blocked_id TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX block_by_blocked ON block (blocked_id);
