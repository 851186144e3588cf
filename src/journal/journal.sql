-- The journal: adding, reading, proving.

-- name: journal_state_find  The right edge.
SELECT log, hash, size, chain, frontier, lease_owner, lease_until FROM journal_state WHERE id = 1;

-- name: journal_state_begin  Begins a journal.
INSERT INTO journal_state (id, log, hash, size, chain, frontier, lease_owner, lease_until) VALUES (1, ?1, ?2, 0, ?3, ?4, 0, 0)
ON CONFLICT (id) DO NOTHING;

-- name: journal_state_move  The right edge after a batch.
UPDATE journal_state SET size = ?1, chain = ?2, frontier = ?3 WHERE id = 1;

-- name: journal_lease_take  Takes or renews the lease on giving positions; also locks the row until the end of the transaction.
UPDATE journal_state SET lease_owner = ?1, lease_until = ?2 WHERE id = 1 AND (lease_owner = ?1 OR lease_until < ?3);

-- name: journal_entry_insert :many
INSERT INTO journal_entry (position, city, kind, object, object_id, actor, at, persons, leaf, chain)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- name: journal_entry_insert @postgres
INSERT INTO journal_entry (position, city, kind, object, object_id, actor, at, persons, leaf, chain)
SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::text[], ?4::text[], ?5::bigint[], ?6::bigint[], ?7::bigint[], ?8::bigint[],
    ?9::bytea[], ?10::bytea[]);

-- name: journal_body_insert :many
INSERT INTO journal_body (position, salt, body) VALUES (?1, ?2, ?3);

-- name: journal_body_insert @postgres
INSERT INTO journal_body (position, salt, body) SELECT * FROM unnest(?1::bigint[], ?2::bytea[], ?3::text[]);

-- name: journal_node_insert :many
INSERT INTO journal_node (level, number, hash) VALUES (?1, ?2, ?3);

-- name: journal_node_insert @postgres
INSERT INTO journal_node (level, number, hash) SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bytea[]);

-- name: journal_pending_insert :many
INSERT INTO journal_pending (id, city, kind, object, object_id, actor, at, persons, salt, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

-- name: journal_pending_insert @postgres
INSERT INTO journal_pending (id, city, kind, object, object_id, actor, at, persons, salt, body)
SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::text[], ?4::text[], ?5::bigint[], ?6::bigint[], ?7::bigint[], ?8::bigint[],
    ?9::bytea[], ?10::text[]);

-- name: journal_pending_list  The oldest entries without a position.
SELECT id, city, kind, object, object_id, actor, at, persons, salt, body FROM journal_pending ORDER BY id LIMIT ?1;

-- name: journal_pending_delete :many
DELETE FROM journal_pending WHERE id = ?1;

-- name: journal_pending_delete @postgres
DELETE FROM journal_pending WHERE id = ANY (?1::bigint[]);

-- name: journal_pending_count  How many entries wait for their position, at most a thousand.
SELECT count(*) FROM (SELECT id FROM journal_pending LIMIT 1000) AS waiting;

-- name: journal_after  Entries behind a position, oldest first.
SELECT e.position, e.at, e.city, e.object_id, e.actor, e.kind, e.object, b.body
FROM journal_entry e LEFT JOIN journal_body b ON b.position = e.position
WHERE e.position > ?1 ORDER BY e.position LIMIT ?2;

-- name: journal_of  Entries of one object before a position, newest first.
SELECT e.position, e.at, e.city, e.object_id, e.actor, e.kind, e.object, b.body
FROM journal_entry e LEFT JOIN journal_body b ON b.position = e.position
WHERE e.city = ?1 AND e.object = ?2 AND e.object_id = ?3 AND e.position < ?4 ORDER BY e.position DESC LIMIT ?5;

-- name: journal_walk  Everything that verification reads of the entries [?1, ?2).
SELECT e.position, e.city, e.kind, e.object, e.object_id, e.actor, e.at, e.persons, e.leaf, e.chain, b.salt, b.body
FROM journal_entry e LEFT JOIN journal_body b ON b.position = e.position
WHERE e.position >= ?1 AND e.position < ?2 ORDER BY e.position;

-- name: journal_leaves  Leaf hashes of the positions [?1, ?2).
SELECT leaf FROM journal_entry WHERE position >= ?1 AND position < ?2 ORDER BY position;

-- name: journal_nodes  Subtree roots of a level, numbers [?2, ?3).
SELECT number, hash FROM journal_node WHERE level = ?1 AND number >= ?2 AND number < ?3 ORDER BY number;

-- name: journal_chain_at  Chain hash and moment of one entry.
SELECT chain, at FROM journal_entry WHERE position = ?1;

-- name: journal_newest_before  The last entry recorded before a moment.
SELECT position FROM journal_entry WHERE at < ?1 ORDER BY position DESC LIMIT 1;

-- name: journal_persons  Whether the body of an entry may be erased, and its city.
SELECT persons, city FROM journal_entry WHERE position = ?1;

-- name: journal_body_delete
DELETE FROM journal_body WHERE position = ?1;

-- name: journal_erasure_find  The entry that tells of an erasure.
SELECT position FROM journal_entry WHERE city = ?1 AND object = 'journal_entry' AND object_id = ?2 AND kind = 'journal.erased' LIMIT 1;

-- name: journal_stray_body  A body beyond the last entry.
SELECT position FROM journal_body WHERE position > ?1 ORDER BY position LIMIT 1;

-- name: journal_newest_op  The highest position among the newest answers (0 on PostgreSQL, where answers come before positions).
SELECT max(position) FROM (SELECT position FROM op ORDER BY rowid DESC LIMIT 2000) AS newest;

-- name: journal_newest_op @postgres
SELECT 0::bigint;

-- name: journal_seal_insert
INSERT INTO journal_seal (month, size, root, chain, sealed_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (month) DO NOTHING;

-- name: journal_seal_list  Seals of sizes [?1, ?2), smallest first.
SELECT month, size, root, chain FROM journal_seal WHERE size >= ?1 AND size < ?2 ORDER BY month;

-- name: journal_seal_newest
SELECT month, size, root, chain FROM journal_seal ORDER BY month DESC LIMIT 1;

-- name: journal_head_insert
INSERT INTO journal_head (size, public_key, root, chain, at, day, signature) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (size, public_key) DO NOTHING;

-- name: journal_head_list  Heads of sizes [?1, ?2), smallest first, with the moment their key was first used.
SELECT h.size, h.public_key, h.root, h.chain, h.at, h.signature, k.since
FROM journal_head h LEFT JOIN journal_key k ON k.public_key = h.public_key
WHERE h.size >= ?1 AND h.size < ?2 ORDER BY h.size, h.public_key;

-- name: journal_head_newest
SELECT size, public_key, root, chain, at, signature FROM journal_head ORDER BY size DESC LIMIT 1;

-- name: journal_head_thin  Of the heads older than a moment only the last of each day stays.
DELETE FROM journal_head WHERE at < ?1
AND EXISTS (SELECT 1 FROM journal_head later WHERE later.size > journal_head.size AND later.day = journal_head.day);

-- name: journal_key_find
SELECT since FROM journal_key WHERE public_key = ?1;

-- name: journal_key_insert
INSERT INTO journal_key (public_key, since) VALUES (?1, ?2) ON CONFLICT (public_key) DO NOTHING;
