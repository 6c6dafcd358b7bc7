-- Who may share files (C7): a company's people, or one of them apart from the others; NULL is as the company.
ALTER TABLE company ADD COLUMN shares_files INTEGER NOT NULL DEFAULT 1;
ALTER TABLE user ADD COLUMN shares_files INTEGER;
