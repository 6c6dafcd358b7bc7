-- Keys by which others know the box, each made on first use.
CREATE TABLE box_key (
    purpose TEXT PRIMARY KEY,
    secret BLOB NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
