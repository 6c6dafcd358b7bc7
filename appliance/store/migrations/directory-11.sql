-- Companies that were erased (D2): the signed receipt, and whether the rest of it is gone from the disk too.
CREATE TABLE erasure (
    company_id TEXT PRIMARY KEY,
    receipt TEXT NOT NULL,
    erased_ms INTEGER NOT NULL,
    swept INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
