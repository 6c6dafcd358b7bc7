-- What came from other companies' outboxes: the last effect of each life of each origin, so that none is applied twice.
CREATE TABLE inbox (
    origin TEXT NOT NULL,
    incarnation TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (origin, incarnation)
) STRICT, WITHOUT ROWID;

CREATE TABLE favorite (
    id TEXT PRIMARY KEY,
    owner_no INTEGER NOT NULL,
    peer_no INTEGER NOT NULL REFERENCES person (no),
    position INTEGER NOT NULL,
    UNIQUE (owner_no, peer_no)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact_group (
    id TEXT PRIMARY KEY,
    owner_no INTEGER NOT NULL,
    name TEXT NOT NULL,
    comment TEXT NOT NULL,
    favorite INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX contact_group_by_owner ON contact_group (owner_no, name);

CREATE TABLE contact_group_member (
    group_id TEXT NOT NULL REFERENCES contact_group (id) ON DELETE CASCADE,
    person_no INTEGER NOT NULL REFERENCES person (no),
    PRIMARY KEY (group_id, person_no)
) STRICT, WITHOUT ROWID;
