-- Files that nobody sees any more and of which something may be left in their company: what a cut leaves is finished at the next start.
CREATE TABLE file_gone (
    id TEXT PRIMARY KEY,
    company_id TEXT NOT NULL REFERENCES company (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_gone_by_company ON file_gone (company_id);
