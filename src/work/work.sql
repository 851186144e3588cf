-- Items of work and cursors of subscriptions.

-- name: work_put :many  Creates an item or moves it.
INSERT INTO work_item (city, kind, id, due_at, next_at, payload, version, lease_owner, tries, problem)
VALUES (?1, ?2, ?3, ?4, ?4, ?5, 1, 0, 0, '')
ON CONFLICT (city, kind, id) DO UPDATE SET due_at = excluded.due_at, next_at = excluded.next_at, payload = excluded.payload,
    version = work_item.version + 1, lease_owner = 0, tries = 0, problem = '';

-- name: work_put @postgres
INSERT INTO work_item (city, kind, id, due_at, next_at, payload, version, lease_owner, tries, problem)
SELECT p.city, p.kind, p.id, p.due_at, p.due_at, p.payload, 1, 0, 0, ''
FROM unnest(?1::bigint[], ?2::text[], ?3::bigint[], ?4::bigint[], ?5::text[]) AS p (city, kind, id, due_at, payload)
ON CONFLICT (city, kind, id) DO UPDATE SET due_at = excluded.due_at, next_at = excluded.next_at, payload = excluded.payload,
    version = work_item.version + 1, lease_owner = 0, tries = 0, problem = '';

-- name: work_plan  Creates the item of a kind that recurs, unless it is there.
INSERT INTO work_item (city, kind, id, due_at, next_at, payload, version, lease_owner, tries, problem)
VALUES (0, ?1, 0, ?2, ?2, '', 1, 0, 0, '') ON CONFLICT (city, kind, id) DO NOTHING;

-- name: work_planned  Whether a recurring kind has its item.
SELECT due_at FROM work_item WHERE city = 0 AND kind = ?1 AND id = 0;

-- name: work_drop
DELETE FROM work_item WHERE city = ?1 AND kind = ?2 AND id = ?3;

-- name: work_due  Items that may be taken.
SELECT city, kind, id, due_at, payload, version, tries FROM work_item WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2;

-- name: work_due @postgres
SELECT city, kind, id, due_at, payload, version, tries FROM work_item WHERE next_at <= ?1 ORDER BY next_at LIMIT ?2
FOR UPDATE SKIP LOCKED;

-- name: work_claim :many  Takes an item until the lease ends.
UPDATE work_item SET next_at = ?4, lease_owner = ?5, tries = tries + 1 WHERE city = ?1 AND kind = ?2 AND id = ?3;

-- name: work_claim @postgres
UPDATE work_item SET next_at = c.next_at, lease_owner = c.owner, tries = tries + 1
FROM unnest(?1::bigint[], ?2::text[], ?3::bigint[], ?4::bigint[], ?5::bigint[]) AS c (city, kind, id, next_at, owner)
WHERE work_item.city = c.city AND work_item.kind = c.kind AND work_item.id = c.id;

-- name: work_done  Takes away an item that was run, unless it was put again meanwhile.
DELETE FROM work_item WHERE city = ?1 AND kind = ?2 AND id = ?3 AND version = ?4 AND lease_owner = ?5;

-- name: work_move_on  Moves a recurring item to its next moment.
UPDATE work_item SET due_at = ?6, next_at = ?6, lease_owner = 0, tries = 0, problem = ''
WHERE city = ?1 AND kind = ?2 AND id = ?3 AND version = ?4 AND lease_owner = ?5;

-- name: work_failed  Lets an item wait after a failure.
UPDATE work_item SET next_at = ?6, lease_owner = 0, problem = ?7
WHERE city = ?1 AND kind = ?2 AND id = ?3 AND version = ?4 AND lease_owner = ?5;

-- name: work_next  When the next item may be taken.
SELECT next_at FROM work_item ORDER BY next_at LIMIT 1;

-- name: work_stuck  Items set aside.
SELECT count(*) FROM work_item WHERE next_at = 9223372036854775807;

-- name: work_cursor_begin
INSERT INTO work_cursor (name, position, lease_owner, lease_until) VALUES (?1, ?2, 0, 0) ON CONFLICT (name) DO NOTHING;

-- name: work_cursor_take  Takes or renews a cursor's lease.
UPDATE work_cursor SET lease_owner = ?2, lease_until = ?3 WHERE name = ?1 AND (lease_owner = ?2 OR lease_until < ?4);

-- name: work_cursor_find
SELECT position, lease_owner, lease_until FROM work_cursor WHERE name = ?1;

-- name: work_cursor_move
UPDATE work_cursor SET position = ?3 WHERE name = ?1 AND lease_owner = ?2 AND position < ?3;
