-- The words of what was said, each with its conversation before it: what one looks for is looked for in one's own conversations
-- alone, so how long that takes tells nothing of others. A row is a message's place in its archive. Texts are not kept a second
-- time, places of words are not kept, and what is taken out of the index is overwritten.
CREATE VIRTUAL TABLE message_word USING fts5(words, content = '', detail = none, columnsize = 0, tokenize = "ascii tokenchars '.'");
INSERT INTO message_word (message_word, rank) VALUES ('secure-delete', 1);
CREATE VIRTUAL TABLE bubble_word USING fts5(words, content = '', detail = none, columnsize = 0, tokenize = "ascii tokenchars '.'");
INSERT INTO bubble_word (bubble_word, rank) VALUES ('secure-delete', 1);

-- Up to which place each of the two archives is indexed.
CREATE TABLE indexed_up_to (
    archive TEXT PRIMARY KEY,
    stamp_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO indexed_up_to VALUES ('message', -1), ('bubble', -1);
