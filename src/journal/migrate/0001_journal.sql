-- The right edge of the journal: one row, rewritten by every batch that adds entries.
CREATE TABLE journal_state (
    id INT NOT NULL PRIMARY KEY CHECK (id = 1), -- always 1
    log BYTES NOT NULL, -- 16 random bytes: which journal this is
    hash INT NOT NULL, -- 1 SHA-256, 2 SM3
    size INT NOT NULL, -- entries that have a position
    chain BYTES NOT NULL, -- chain hash of the newest entry
    frontier BYTES NOT NULL, -- roots of the perfect subtrees at the right edge, highest level first
    lease_owner INT NOT NULL, -- PostgreSQL: the process that gives positions; 0 none
    lease_until INT NOT NULL -- moment its lease ends
) STRICT;

-- One row for each change of anything. Positions are 1, 2, 3 … per database, across cities, so this table is led by its position.
-- append-only
CREATE TABLE journal_entry (
    position INT NOT NULL PRIMARY KEY, -- 1, 2, 3 … without a gap
    city INT NOT NULL, -- authority that owns the change; 0 the installation itself
    kind TEXT NOT NULL, -- dotted verb: movement.posted
    object TEXT NOT NULL, -- record kind: movement
    object_id INT NOT NULL, -- its key
    actor INT NOT NULL, -- account; 0 the system itself
    at INT NOT NULL, -- recorded at
    persons INT NOT NULL, -- 1: the body holds personal data and may be erased
    leaf BYTES NOT NULL, -- H(0x00, salt, body)
    chain BYTES NOT NULL -- H(0x02, chain before, leaf, the columns above)
) STRICT;

-- Serves the history of one object, newest first.
CREATE INDEX journal_entry_object ON journal_entry (city, object, object_id, position);

-- Bodies of the entries, apart from them: erasing one leaves leaf, chain and tree as they were.
CREATE TABLE journal_body (
    position INT NOT NULL PRIMARY KEY, -- of the entry
    salt BYTES NOT NULL, -- 16 random bytes, so that an erased body can not be guessed from its leaf
    body TEXT NOT NULL -- canonical JSON, version first
) STRICT;

-- Roots of the perfect subtrees of 256, 65536, … leaves: what proofs need without reading every leaf.
-- append-only
CREATE TABLE journal_node (
    level INT NOT NULL, -- 8, 16, 24 …: a subtree of 2^level leaves
    number INT NOT NULL, -- 0 for the first 2^level leaves, and so on
    hash BYTES NOT NULL, -- RFC 9162 root of the subtree
    PRIMARY KEY (level, number)
) STRICT;

-- Entries whose change is durable and that wait for their position (PostgreSQL; empty on SQLite).
CREATE TABLE journal_pending (
    id INT NOT NULL PRIMARY KEY, -- server id, growing in time
    city INT NOT NULL, -- as in journal_entry
    kind TEXT NOT NULL, -- as in journal_entry
    object TEXT NOT NULL, -- as in journal_entry
    object_id INT NOT NULL, -- as in journal_entry
    actor INT NOT NULL, -- as in journal_entry
    at INT NOT NULL, -- as in journal_entry
    persons INT NOT NULL, -- as in journal_entry
    salt BYTES NOT NULL, -- as in journal_body
    body TEXT NOT NULL -- as in journal_body
) STRICT;

-- Closed months: everything up to `size` was recorded before the month ended (city time of the installation).
-- append-only
CREATE TABLE journal_seal (
    month INT NOT NULL PRIMARY KEY, -- 202201
    size INT NOT NULL, -- entries up to the end of the month
    root BYTES NOT NULL, -- root of the tree of that size
    chain BYTES NOT NULL, -- chain hash of the last of them
    sealed_at INT NOT NULL -- when it was sealed
) STRICT;

-- Heads signed by this installation's servers.
CREATE TABLE journal_head (
    size INT NOT NULL, -- entries
    public_key BYTES NOT NULL, -- Ed25519 key of the server that signed
    root BYTES NOT NULL, -- root of the tree
    chain BYTES NOT NULL, -- chain hash of the newest entry
    at INT NOT NULL, -- when it was signed
    day INT NOT NULL, -- city date, days since 1970-01-01: old heads are thinned to the last of each day
    signature BYTES NOT NULL, -- Ed25519 over the head's text
    PRIMARY KEY (size, public_key)
) STRICT;

-- Public keys of the servers that signed heads.
-- append-only
CREATE TABLE journal_key (
    public_key BYTES NOT NULL PRIMARY KEY, -- Ed25519
    since INT NOT NULL -- first used
) STRICT;

-- Answers already given, by operation id: the same request again gets the same bytes. Kept for 30 days.
CREATE TABLE op (
    city INT NOT NULL, -- authority the change belongs to
    op BYTES NOT NULL, -- operation id made by the client, 16 bytes
    account INT NOT NULL, -- who asked
    body BYTES NOT NULL, -- SHA-256 of method, path and canonical body
    status INT NOT NULL, -- HTTP status of the answer
    code TEXT NOT NULL, -- slug of the refusal; empty when it was done
    reply TEXT NOT NULL, -- the answer, byte for byte
    at INT NOT NULL, -- recorded at
    position INT NOT NULL, -- of the change's last entry; 0 none, or not yet known when it was answered
    device INT NOT NULL, -- device it came from; 0 none
    device_seq INT NOT NULL, -- the device's running number; 0 none
    PRIMARY KEY (city, op)
) STRICT;

-- only: postgres
-- Serves the daily forgetting of answers older than 30 days; rows come in the order of time, so block ranges suffice.
CREATE INDEX op_at ON op USING brin (at);
-- both

-- Up to which of its running numbers a device's answers are forgotten: an unknown operation at or below it is refused, not done twice.
CREATE TABLE op_mark (
    city INT NOT NULL, -- authority
    device INT NOT NULL, -- the device
    device_seq INT NOT NULL, -- highest forgotten number
    PRIMARY KEY (city, device)
) STRICT;
