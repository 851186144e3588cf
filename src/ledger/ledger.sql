-- Statements of the posting: loading the image of a batch, writing its effects. Rows are locked in key order on PostgreSQL, tables always in the
-- order city, counter, hold, shipment, account, so that two batches never wait for each other in a circle.
-- INDEXED BY: every index begins with the city, so that without statistics SQLite takes them all for equally good.

-- name: ledger_city_get  Settings of a city.
SELECT offset_min, open_days, open_from, review_hours, late_max_days, version FROM ledger_city WHERE city = ?1;

-- name: ledger_city_late  The longest delay between occurrence and record has grown.
INSERT INTO ledger_city (city, offset_min, open_days, open_from, review_hours, late_max_days, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
ON CONFLICT (city) DO UPDATE SET late_max_days = excluded.late_max_days WHERE ledger_city.late_max_days < excluded.late_max_days;

-- name: ledger_counter_need  Makes a counter that does not exist yet.
INSERT INTO ledger_counter (city, kind, year, last) VALUES (?1, ?2, ?3, 0) ON CONFLICT (city, kind, year) DO NOTHING;

-- name: ledger_counter_load  Takes a counter for this transaction.
SELECT last FROM ledger_counter WHERE city = ?1 AND kind = ?2 AND year = ?3;
-- name: ledger_counter_load @postgres
SELECT last FROM ledger_counter WHERE city = ?1 AND kind = ?2 AND year = ?3 FOR UPDATE;

-- name: ledger_counter_put
UPDATE ledger_counter SET last = ?4 WHERE city = ?1 AND kind = ?2 AND year = ?3;

-- name: ledger_item_load :many
SELECT active, lotted FROM item WHERE city = ?1 AND id = ?2;
-- name: ledger_item_load @postgres
SELECT k.n, t.active, t.lotted FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS k(city, id, n)
JOIN item t ON t.city = k.city AND t.id = k.id;

-- name: ledger_place_load :many
SELECT active, kind, flags, owner FROM place WHERE city = ?1 AND id = ?2;
-- name: ledger_place_load @postgres
SELECT k.n, t.active, t.kind, t.flags, t.owner FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS k(city, id, n)
JOIN place t ON t.city = k.city AND t.id = k.id;

-- name: ledger_bin_load :many
SELECT active, place FROM bin WHERE city = ?1 AND id = ?2;
-- name: ledger_bin_load @postgres
SELECT k.n, t.active, t.place FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS k(city, id, n)
JOIN bin t ON t.city = k.city AND t.id = k.id;

-- name: ledger_owner_load :many
SELECT active FROM owner WHERE city = ?1 AND id = ?2;
-- name: ledger_owner_load @postgres
SELECT k.n, t.active FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS k(city, id, n)
JOIN owner t ON t.city = k.city AND t.id = k.id;

-- name: ledger_lot_load :many
SELECT item, expiry, state FROM lot WHERE city = ?1 AND id = ?2;
-- name: ledger_lot_load @postgres
SELECT k.n, t.item, t.expiry, t.state FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS k(city, id, n)
JOIN lot t ON t.city = k.city AND t.id = k.id;

-- name: ledger_hold_load :many
SELECT h.qty, h.posted, h.state, h.due_at, a.place, a.bin, a.owner, a.item, a.lot, a.status
FROM hold h JOIN stock_account a ON a.city = h.city AND a.id = h.account WHERE h.city = ?1 AND h.id = ?2;
-- name: ledger_hold_load @postgres
SELECT k.n, h.qty, h.posted, h.state, h.due_at, a.place, a.bin, a.owner, a.item, a.lot, a.status
FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS k(city, id, n)
JOIN hold h ON h.city = k.city AND h.id = k.id JOIN stock_account a ON a.city = h.city AND a.id = h.account
ORDER BY h.city, h.id FOR UPDATE OF h;

-- name: ledger_shipment_load :many
SELECT origin, target, state FROM shipment WHERE city = ?1 AND id = ?2;
-- name: ledger_shipment_load @postgres
SELECT k.n, s.origin, s.target, s.state FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS k(city, id, n)
JOIN shipment s ON s.city = k.city AND s.id = k.id ORDER BY s.city, s.id FOR UPDATE OF s;

-- name: ledger_shipment_lines_load :many
SELECT item, lot, owner, sent, arrived, missing, settled FROM shipment_line WHERE city = ?1 AND shipment = ?2 ORDER BY item, lot, owner;
-- name: ledger_shipment_lines_load @postgres
SELECT k.n, l.item, l.lot, l.owner, l.sent, l.arrived, l.missing, l.settled
FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS k(city, id, n)
JOIN shipment_line l ON l.city = k.city AND l.shipment = k.id ORDER BY k.n, l.item, l.lot, l.owner;

-- name: ledger_reverse_document :many
SELECT m.id, m.qty, m.paid, m.occurred_at, d.kind, f.place, f.bin, f.owner, f.item, f.lot, f.status, t.place, t.bin, t.owner, t.item, t.lot, t.status
FROM ledger_document d JOIN movement m ON m.city = d.city AND m.id BETWEEN d.first_movement AND d.last_movement AND m.document = d.id
JOIN stock_account f ON f.city = m.city AND f.id = m.from_account JOIN stock_account t ON t.city = m.city AND t.id = m.to_account
WHERE d.city = ?1 AND d.id = ?2 ORDER BY m.id;
-- name: ledger_reverse_document @postgres
SELECT k.n, m.id, m.qty, m.paid, m.occurred_at, d.kind, f.place, f.bin, f.owner, f.item, f.lot, f.status, t.place, t.bin, t.owner, t.item, t.lot, t.status
FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS k(city, id, n)
JOIN ledger_document d ON d.city = k.city AND d.id = k.id
JOIN movement m ON m.city = d.city AND m.id BETWEEN d.first_movement AND d.last_movement AND m.document = d.id
JOIN stock_account f ON f.city = m.city AND f.id = m.from_account JOIN stock_account t ON t.city = m.city AND t.id = m.to_account
ORDER BY k.n, m.id;

-- name: ledger_reverse_movement :many
SELECT m.id, m.qty, m.paid, m.occurred_at, d.kind, f.place, f.bin, f.owner, f.item, f.lot, f.status, t.place, t.bin, t.owner, t.item, t.lot, t.status
FROM movement m JOIN ledger_document d ON d.city = m.city AND d.id = m.document
JOIN stock_account f ON f.city = m.city AND f.id = m.from_account JOIN stock_account t ON t.city = m.city AND t.id = m.to_account
WHERE m.city = ?1 AND m.id = ?2;
-- name: ledger_reverse_movement @postgres
SELECT k.n, m.id, m.qty, m.paid, m.occurred_at, d.kind, f.place, f.bin, f.owner, f.item, f.lot, f.status, t.place, t.bin, t.owner, t.item, t.lot, t.status
FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS k(city, id, n)
JOIN movement m ON m.city = k.city AND m.id = k.id JOIN ledger_document d ON d.city = m.city AND d.id = m.document
JOIN stock_account f ON f.city = m.city AND f.id = m.from_account JOIN stock_account t ON t.city = m.city AND t.id = m.to_account;

-- name: ledger_reversed_by :many  After the accounts are locked: has somebody taken the movement back already?
SELECT id FROM movement WHERE city = ?1 AND reverses = ?2;
-- name: ledger_reversed_by @postgres
SELECT k.n, m.id FROM unnest(?1::bigint[], ?2::bigint[]) WITH ORDINALITY AS k(city, id, n)
JOIN movement m ON m.city = k.city AND m.reverses = k.id;

-- name: ledger_account_load :many  The heart of the image.
SELECT id, qty, held, version FROM stock_account
WHERE city = ?1 AND place = ?2 AND item = ?3 AND status = ?4 AND lot = ?5 AND owner = ?6 AND bin = ?7;
-- name: ledger_account_load @postgres
SELECT k.n, a.id, a.qty, a.held, a.version
FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[], ?7::bigint[])
     WITH ORDINALITY AS k(city, place, item, status, lot, owner, bin, n)
JOIN stock_account a ON a.city = k.city AND a.place = k.place AND a.item = k.item AND a.status = k.status AND a.lot = k.lot
     AND a.owner = k.owner AND a.bin = k.bin
ORDER BY a.city, a.place, a.item, a.status, a.lot, a.owner, a.bin FOR UPDATE OF a;

-- name: ledger_account_insert :many
INSERT INTO stock_account (city, place, item, status, lot, owner, bin, id, outside, qty, held, version)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12);
-- name: ledger_account_insert @postgres
INSERT INTO stock_account (city, place, item, status, lot, owner, bin, id, outside, qty, held, version)
SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[], ?7::bigint[], ?8::bigint[],
                     ?9::bigint[], ?10::bigint[], ?11::bigint[], ?12::bigint[])
ON CONFLICT DO NOTHING;

-- name: ledger_account_change :many
UPDATE stock_account INDEXED BY sqlite_autoindex_stock_account_1 SET qty = qty + ?8, held = held + ?9, version = version + 1
WHERE city = ?1 AND place = ?2 AND item = ?3 AND status = ?4 AND lot = ?5 AND owner = ?6 AND bin = ?7;
-- name: ledger_account_change @postgres
UPDATE stock_account a SET qty = a.qty + k.qty, held = a.held + k.held, version = a.version + 1
FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[], ?7::bigint[], ?8::bigint[], ?9::bigint[])
     AS k(city, place, item, status, lot, owner, bin, qty, held)
WHERE a.city = k.city AND a.place = k.place AND a.item = k.item AND a.status = k.status AND a.lot = k.lot AND a.owner = k.owner
  AND a.bin = k.bin;

-- name: ledger_account_days :many  Net change of an account per city date from a moment on.
SELECT day, SUM(delta) FROM (
    SELECT (occurred_at + ?4) / 86400000 AS day, -qty AS delta FROM movement WHERE city = ?1 AND from_account = ?2 AND occurred_at >= ?3
    UNION ALL
    SELECT (occurred_at + ?4) / 86400000 AS day, qty AS delta FROM movement WHERE city = ?1 AND to_account = ?2 AND occurred_at >= ?3)
GROUP BY day;
-- name: ledger_account_days @postgres
SELECT k.n, x.day, SUM(x.delta)::bigint
FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[]) WITH ORDINALITY AS k(city, account, since, shift, n)
CROSS JOIN LATERAL (
    SELECT (m.occurred_at + k.shift) / 86400000 AS day, -m.qty AS delta FROM movement m
    WHERE m.city = k.city AND m.from_account = k.account AND m.occurred_at >= k.since
    UNION ALL
    SELECT (m.occurred_at + k.shift) / 86400000 AS day, m.qty AS delta FROM movement m
    WHERE m.city = k.city AND m.to_account = k.account AND m.occurred_at >= k.since) x
GROUP BY k.n, x.day;

-- name: ledger_movement_insert :many
INSERT INTO movement (city, id, document, line, from_account, to_account, qty, reason, occurred_at, recorded_at, late, actor, paid, reverses, note)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15);
-- name: ledger_movement_insert @postgres
INSERT INTO movement (city, id, document, line, from_account, to_account, qty, reason, occurred_at, recorded_at, late, actor, paid, reverses, note)
SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[], ?7::bigint[], ?8::bigint[],
                     ?9::bigint[], ?10::bigint[], ?11::bigint[], ?12::bigint[], ?13::bigint[], ?14::bigint[], ?15::text[]);

-- name: ledger_document_insert :many
INSERT INTO ledger_document (city, id, kind, year, number, reference, place, other, shipment, lines, first_movement, last_movement, occurred_at,
                             recorded_at, stated_at, actor, op, note)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18);
-- name: ledger_document_insert @postgres
INSERT INTO ledger_document (city, id, kind, year, number, reference, place, other, shipment, lines, first_movement, last_movement, occurred_at,
                             recorded_at, stated_at, actor, op, note)
SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::text[], ?7::bigint[], ?8::bigint[],
                     ?9::bigint[], ?10::bigint[], ?11::bigint[], ?12::bigint[], ?13::bigint[], ?14::bigint[], ?15::bigint[],
                     ?16::bigint[], ?17::bytea[], ?18::text[]);

-- name: ledger_total_add :many
INSERT INTO stock_total (city, item, place, status, owner, qty, held) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (city, item, place, status, owner) DO UPDATE SET qty = stock_total.qty + excluded.qty, held = stock_total.held + excluded.held;
-- name: ledger_total_add @postgres
INSERT INTO stock_total (city, item, place, status, owner, qty, held)
SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[], ?7::bigint[])
ON CONFLICT (city, item, place, status, owner) DO UPDATE SET qty = stock_total.qty + excluded.qty, held = stock_total.held + excluded.held;

-- name: ledger_day_add :many
INSERT INTO total_day (city, day, place, item, status, owner, known_day, delta) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (city, day, place, item, status, owner, known_day) DO UPDATE SET delta = total_day.delta + excluded.delta;
-- name: ledger_day_add @postgres
INSERT INTO total_day (city, day, place, item, status, owner, known_day, delta)
SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[], ?7::bigint[], ?8::bigint[])
ON CONFLICT (city, day, place, item, status, owner, known_day) DO UPDATE SET delta = total_day.delta + excluded.delta;

-- name: ledger_hold_insert :many
INSERT INTO hold (city, id, account, qty, posted, state, purpose, purpose_id, target, due_at, made_at, made_by, closed_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);
-- name: ledger_hold_insert @postgres
INSERT INTO hold (city, id, account, qty, posted, state, purpose, purpose_id, target, due_at, made_at, made_by, closed_at)
SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[], ?7::text[], ?8::bigint[],
                     ?9::bigint[], ?10::bigint[], ?11::bigint[], ?12::bigint[], ?13::bigint[]);

-- name: ledger_hold_change :many
UPDATE hold SET posted = ?3, state = ?4, closed_at = ?5 WHERE city = ?1 AND id = ?2;
-- name: ledger_hold_change @postgres
UPDATE hold h SET posted = k.posted, state = k.state, closed_at = k.closed_at
FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[]) AS k(city, id, posted, state, closed_at)
WHERE h.city = k.city AND h.id = k.id;

-- name: ledger_shipment_insert :many
INSERT INTO shipment (city, id, origin, target, state, sent_at, closed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);
-- name: ledger_shipment_change :many
UPDATE shipment SET state = ?3, closed_at = ?4 WHERE city = ?1 AND id = ?2;
-- name: ledger_shipment_line_put :many
INSERT INTO shipment_line (city, shipment, item, lot, owner, sent, arrived, missing, settled) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (city, shipment, item, lot, owner) DO UPDATE
SET sent = excluded.sent, arrived = excluded.arrived, missing = excluded.missing, settled = excluded.settled;

-- name: ledger_review_insert :many
INSERT INTO ledger_review (city, id, kind, place, account, document, movement, qty, settled, opened_at, due_at, state, closed_at, closed_by, note)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, 1, NULL, 0, ?11);

-- name: use_accounts :many  Usable stock of an item at a place, by lot, owner and bin.
SELECT lot, owner, bin FROM stock_account WHERE city = ?1 AND place = ?2 AND item = ?3 AND status = 4 AND qty > 0;
-- name: use_accounts @postgres
SELECT k.n, a.lot, a.owner, a.bin FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[]) WITH ORDINALITY AS k(city, place, item, n)
JOIN stock_account a ON a.city = k.city AND a.place = k.place AND a.item = k.item AND a.status = 4 AND a.qty > 0;
