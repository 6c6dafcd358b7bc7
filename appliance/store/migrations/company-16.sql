-- Who called whom (J6), once in the history of each of the two: in the file of his own company.
CREATE TABLE call_record (
    owner_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    -- When it began, in microseconds since 1970, and so where it stands.
    place_us INTEGER NOT NULL,
    id TEXT NOT NULL,
    peer_no INTEGER NOT NULL REFERENCES person (no),
    outgoing INTEGER NOT NULL,
    medium TEXT NOT NULL,
    outcome TEXT NOT NULL,
    duration_ms INTEGER NOT NULL,
    read INTEGER NOT NULL,
    PRIMARY KEY (owner_no, place_us)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX call_record_by_id ON call_record (owner_no, id);
