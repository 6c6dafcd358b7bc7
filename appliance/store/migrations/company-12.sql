-- What is noted in a roster of an address that is no known person's: `user_id` is then the address behind `xmpp:`. Groups of those
-- stand here, one a line; those of people whom the owner may know are groups of the company. `asked`: the owner asked to be let
-- in, and whether there is anybody to answer is not told. `said`: what the owner said in asking, as XML.
ALTER TABLE roster_item ADD COLUMN groups TEXT NOT NULL DEFAULT '';
ALTER TABLE roster_item ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE roster_item ADD COLUMN said TEXT NOT NULL DEFAULT '';
