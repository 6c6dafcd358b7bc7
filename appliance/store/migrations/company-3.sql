-- Where an account was signed in to before (A5): keyed hashes of networks, never an address.
CREATE TABLE known_source (
    user_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    source BLOB NOT NULL,
    used_ms INTEGER NOT NULL,
    PRIMARY KEY (user_no, source)
) STRICT, WITHOUT ROWID;

-- When an account was last used, to a minute; 0 when it never was (its creation counts then).
ALTER TABLE user ADD COLUMN last_used_ms INTEGER NOT NULL DEFAULT 0;
UPDATE user SET last_used_ms = max(changed_ms, coalesce((SELECT max(seen_ms) FROM session WHERE user_no = user.no), 0));

CREATE INDEX session_by_use ON session (seen_ms);
