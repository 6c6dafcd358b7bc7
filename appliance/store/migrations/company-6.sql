-- What standard XMPP clients keep. `kind` is the stanza's type; `about` names the message (by its sender's id) that an entry
-- corrects, retracts or reacts to: such entries are for the archive of standard clients only, Rainbow's see the message itself changed.
ALTER TABLE message ADD COLUMN kind TEXT NOT NULL DEFAULT 'chat';
ALTER TABLE message ADD COLUMN about TEXT;
CREATE INDEX message_about ON message (sender_no, about) WHERE about IS NOT NULL;

-- The newest entry of a conversation, of any kind; last_us is the newest message.
ALTER TABLE conversation ADD COLUMN entry_us INTEGER NOT NULL DEFAULT 0;
UPDATE conversation SET entry_us = last_us;

-- What one calls people in one's own roster, and who is noted in it without being in the network (RFC 6121, 2).
CREATE TABLE roster_item (
    owner_no INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (owner_no, user_id)
) STRICT, WITHOUT ROWID;

-- What people publish for their own devices and for contacts (XEP-0163): avatars, device lists, bookmarks.
CREATE TABLE node (
    owner_no INTEGER NOT NULL REFERENCES user (no) ON DELETE CASCADE,
    name TEXT NOT NULL,
    access TEXT NOT NULL,
    items_max INTEGER NOT NULL,
    PRIMARY KEY (owner_no, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX node_by_name ON node (name);
CREATE TABLE node_item (
    owner_no INTEGER NOT NULL,
    node TEXT NOT NULL,
    id TEXT NOT NULL,
    payload TEXT NOT NULL,
    published_us INTEGER NOT NULL,
    PRIMARY KEY (owner_no, node, id),
    FOREIGN KEY (owner_no, node) REFERENCES node (owner_no, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
