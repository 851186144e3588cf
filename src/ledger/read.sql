-- Reading: totals on both time axes, single accounts, movements, documents, holds, shipments, reviews.

-- name: total_cell
SELECT item, place, status, owner, qty, held FROM stock_total WHERE city = ?1 AND item = ?2 AND place = ?3;
-- name: total_item
SELECT item, place, status, owner, qty, held FROM stock_total WHERE city = ?1 AND item = ?2;
-- name: total_place
SELECT item, place, status, owner, qty, held FROM stock_total INDEXED BY stock_total_by_place WHERE city = ?1 AND place = ?2;
-- name: total_place @postgres
SELECT item, place, status, owner, qty, held FROM stock_total WHERE city = ?1 AND place = ?2;
-- name: total_city
SELECT item, place, status, owner, qty, held FROM stock_total WHERE city = ?1;

-- name: requirement_list
SELECT item, place, qty FROM requirement WHERE city = ?1 AND (item = ?2 OR ?2 = 0) AND (place = ?3 OR ?3 = 0);
-- name: requirement_put
INSERT INTO requirement (city, item, place, qty, basis, set_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (city, item, place) DO UPDATE SET qty = excluded.qty, basis = excluded.basis, set_at = excluded.set_at;
-- name: requirement_drop
DELETE FROM requirement WHERE city = ?1 AND item = ?2 AND place = ?3;

-- name: snap_before  The newest snapshot at or before a date.
SELECT day FROM total_snap_day WHERE city = ?1 AND day <= ?2 ORDER BY day DESC LIMIT 1;
-- name: day_first
SELECT day FROM total_day WHERE city = ?1 ORDER BY day LIMIT 1;

-- name: snap_cell
SELECT item, place, status, owner, qty, 0 FROM total_snap WHERE city = ?1 AND day = ?2 AND place = ?3 AND item = ?4;
-- name: snap_place
SELECT item, place, status, owner, qty, 0 FROM total_snap WHERE city = ?1 AND day = ?2 AND place = ?3;
-- name: snap_city
SELECT item, place, status, owner, qty, 0 FROM total_snap WHERE city = ?1 AND day = ?2 AND (item = ?3 OR ?3 = 0);

-- name: days_cell  Each day by its key: the days of a month are thirty look-ups, not a scan of the month.
WITH RECURSIVE d(day) AS (SELECT CAST(?2 AS BIGINT) UNION ALL SELECT day + 1 FROM d WHERE day < ?3)
SELECT t.item, t.place, t.status, t.owner, t.delta, t.day FROM d CROSS JOIN total_day t
WHERE t.city = ?1 AND t.day = d.day AND t.place = ?4 AND t.item = ?5 AND t.known_day <= ?6;
-- name: days_place
WITH RECURSIVE d(day) AS (SELECT CAST(?2 AS BIGINT) UNION ALL SELECT day + 1 FROM d WHERE day < ?3)
SELECT t.item, t.place, t.status, t.owner, t.delta, t.day FROM d CROSS JOIN total_day t
WHERE t.city = ?1 AND t.day = d.day AND t.place = ?4 AND t.known_day <= ?5;
-- name: days_city
SELECT item, place, status, owner, delta, day FROM total_day
WHERE city = ?1 AND day BETWEEN ?2 AND ?3 AND known_day <= ?4 AND (item = ?5 OR ?5 = 0);

-- name: late_cell  What happened before the snapshot and became known after it.
SELECT item, place, status, owner, delta, day FROM total_day INDEXED BY total_day_late
WHERE city = ?1 AND place = ?2 AND known_day BETWEEN ?3 AND ?4 AND known_day > day AND day < ?3 AND item = ?5;
-- name: late_cell @postgres
SELECT item, place, status, owner, delta, day FROM total_day
WHERE city = ?1 AND place = ?2 AND known_day BETWEEN ?3 AND ?4 AND known_day > day AND day < ?3 AND item = ?5;
-- name: late_place
SELECT item, place, status, owner, delta, day FROM total_day INDEXED BY total_day_late
WHERE city = ?1 AND place = ?2 AND known_day BETWEEN ?3 AND ?4 AND known_day > day AND day < ?3;
-- name: late_place @postgres
SELECT item, place, status, owner, delta, day FROM total_day
WHERE city = ?1 AND place = ?2 AND known_day BETWEEN ?3 AND ?4 AND known_day > day AND day < ?3;
-- name: late_city
SELECT t.item, t.place, t.status, t.owner, t.delta, t.day FROM place p CROSS JOIN total_day t INDEXED BY total_day_late
WHERE p.city = ?1 AND t.city = ?1 AND t.place = p.id AND t.known_day BETWEEN ?2 AND ?3 AND t.known_day > t.day AND t.day < ?2
  AND (t.item = ?4 OR ?4 = 0);
-- name: late_city @postgres
SELECT t.item, t.place, t.status, t.owner, t.delta, t.day FROM place p CROSS JOIN total_day t
WHERE p.city = ?1 AND t.city = ?1 AND t.place = p.id AND t.known_day BETWEEN ?2 AND ?3 AND t.known_day > t.day AND t.day < ?2
  AND (t.item = ?4 OR ?4 = 0);

-- name: part_cell  The part of a day up to a moment, of one cell.
SELECT a.item, a.place, a.status, a.owner, -m.qty, 0 FROM stock_account a CROSS JOIN movement m
WHERE a.city = ?1 AND a.place = ?2 AND a.item = ?3 AND m.city = ?1 AND m.from_account = a.id
  AND m.occurred_at BETWEEN ?4 AND ?5 AND m.recorded_at <= ?6
UNION ALL
SELECT a.item, a.place, a.status, a.owner, m.qty, 0 FROM stock_account a CROSS JOIN movement m
WHERE a.city = ?1 AND a.place = ?2 AND a.item = ?3 AND m.city = ?1 AND m.to_account = a.id
  AND m.occurred_at BETWEEN ?4 AND ?5 AND m.recorded_at <= ?6;
-- name: part_city
SELECT a.item, a.place, a.status, a.owner, -m.qty, 0 FROM movement m CROSS JOIN stock_account a
WHERE m.city = ?1 AND m.occurred_at BETWEEN ?2 AND ?3 AND m.recorded_at <= ?4 AND a.city = ?1 AND a.id = m.from_account
  AND (a.item = ?5 OR ?5 = 0) AND (a.place = ?6 OR ?6 = 0)
UNION ALL
SELECT a.item, a.place, a.status, a.owner, m.qty, 0 FROM movement m CROSS JOIN stock_account a
WHERE m.city = ?1 AND m.occurred_at BETWEEN ?2 AND ?3 AND m.recorded_at <= ?4 AND a.city = ?1 AND a.id = m.to_account
  AND (a.item = ?5 OR ?5 = 0) AND (a.place = ?6 OR ?6 = 0);
-- name: part_known  Late movements that became known in the part of a day up to a moment, of days before it.
SELECT a.item, a.place, a.status, a.owner, -m.qty, 0 FROM movement m CROSS JOIN stock_account a
WHERE m.city = ?1 AND m.late = 1 AND m.recorded_at BETWEEN ?2 AND ?3 AND m.occurred_at < ?4 AND a.city = ?1 AND a.id = m.from_account
  AND (a.item = ?5 OR ?5 = 0) AND (a.place = ?6 OR ?6 = 0)
UNION ALL
SELECT a.item, a.place, a.status, a.owner, m.qty, 0 FROM movement m CROSS JOIN stock_account a
WHERE m.city = ?1 AND m.late = 1 AND m.recorded_at BETWEEN ?2 AND ?3 AND m.occurred_at < ?4 AND a.city = ?1 AND a.id = m.to_account
  AND (a.item = ?5 OR ?5 = 0) AND (a.place = ?6 OR ?6 = 0);

-- name: use_days  Use per city date at one place.
WITH RECURSIVE d(day) AS (SELECT CAST(?2 AS BIGINT) UNION ALL SELECT day + 1 FROM d WHERE day < ?3)
SELECT t.day, t.delta FROM d CROSS JOIN total_day t
WHERE t.city = ?1 AND t.day = d.day AND t.place = ?4 AND t.item = ?5 AND t.status = ?6;
-- name: use_days_city
WITH RECURSIVE d(day) AS (SELECT CAST(?2 AS BIGINT) UNION ALL SELECT day + 1 FROM d WHERE day < ?3)
SELECT t.day, t.delta FROM d CROSS JOIN place p CROSS JOIN total_day t
WHERE p.city = ?1 AND t.city = ?1 AND t.day = d.day AND t.place = p.id AND t.item = ?4 AND t.status = ?5;

-- name: account_list_place  Accounts of a place after a key, in key order: of a status (0 all), outside ones too or not (1 or 0), empty ones
-- too or not.
SELECT a.id, a.place, a.bin, a.owner, a.item, a.lot, a.status, a.qty, a.held, a.version, COALESCE(l.batch, ''), l.expiry
FROM stock_account a LEFT JOIN lot l ON l.city = a.city AND l.id = a.lot
WHERE a.city = ?1 AND a.place = ?2 AND (a.item, a.status, a.lot, a.owner, a.bin) > (?3, ?4, ?5, ?6, ?7)
  AND (a.status = ?8 OR ?8 = 0) AND a.outside <= ?9 AND (a.qty <> 0 OR a.held <> 0 OR ?10 = 1)
ORDER BY a.item, a.status, a.lot, a.owner, a.bin LIMIT ?11;
-- name: account_list_one  The owners and bins of one lot in one status at a place: a balance.
SELECT a.id, a.place, a.bin, a.owner, a.item, a.lot, a.status, a.qty, a.held, a.version, COALESCE(l.batch, ''), l.expiry
FROM stock_account a LEFT JOIN lot l ON l.city = a.city AND l.id = a.lot
WHERE a.city = ?1 AND a.place = ?2 AND a.item = ?3 AND a.status = ?4 AND a.lot = ?5 AND (a.owner, a.bin) > (?6, ?7)
ORDER BY a.owner, a.bin;
-- name: account_list_cell
SELECT a.id, a.place, a.bin, a.owner, a.item, a.lot, a.status, a.qty, a.held, a.version, COALESCE(l.batch, ''), l.expiry
FROM stock_account a LEFT JOIN lot l ON l.city = a.city AND l.id = a.lot
WHERE a.city = ?1 AND a.place = ?2 AND a.item = ?3 AND (a.status, a.lot, a.owner, a.bin) > (?4, ?5, ?6, ?7)
ORDER BY a.status, a.lot, a.owner, a.bin;
-- name: account_list_lot
SELECT a.id, a.place, a.bin, a.owner, a.item, a.lot, a.status, a.qty, a.held, a.version, COALESCE(l.batch, ''), l.expiry
FROM stock_account a LEFT JOIN lot l ON l.city = a.city AND l.id = a.lot
WHERE a.city = ?1 AND a.lot = ?2 AND (a.place, a.item, a.status, a.lot, a.owner, a.bin) > (?3, ?4, ?5, ?6, ?7, ?8)
ORDER BY a.place, a.item, a.status, a.lot, a.owner, a.bin;
-- name: account_list_city  The same of all places, and of one item or all (0).
SELECT a.id, a.place, a.bin, a.owner, a.item, a.lot, a.status, a.qty, a.held, a.version, COALESCE(l.batch, ''), l.expiry
FROM stock_account a LEFT JOIN lot l ON l.city = a.city AND l.id = a.lot
WHERE a.city = ?1 AND (a.place, a.item, a.status, a.lot, a.owner, a.bin) > (?2, ?3, ?4, ?5, ?6, ?7)
  AND (a.item = ?8 OR ?8 = 0) AND (a.status = ?9 OR ?9 = 0) AND a.outside <= ?10 AND (a.qty <> 0 OR a.held <> 0 OR ?11 = 1)
ORDER BY a.place, a.item, a.status, a.lot, a.owner, a.bin LIMIT ?12;
-- name: account_after  What an account gained after a moment: its balance then is today's less this.
SELECT COALESCE((SELECT SUM(qty) FROM movement WHERE city = ?1 AND to_account = ?2 AND occurred_at > ?3), 0)
     - COALESCE((SELECT SUM(qty) FROM movement WHERE city = ?1 AND from_account = ?2 AND occurred_at > ?3), 0);
-- name: account_known  The balance at a moment as it was known at another.
SELECT COALESCE((SELECT SUM(qty) FROM movement WHERE city = ?1 AND to_account = ?2 AND occurred_at <= ?3 AND recorded_at <= ?4), 0)
     - COALESCE((SELECT SUM(qty) FROM movement WHERE city = ?1 AND from_account = ?2 AND occurred_at <= ?3 AND recorded_at <= ?4), 0);

-- name: account_ids_cell
SELECT id FROM stock_account WHERE city = ?1 AND place = ?2 AND item = ?3 AND (lot = ?4 OR ?4 = 0) LIMIT ?5;
-- name: account_ids_place
SELECT id FROM stock_account WHERE city = ?1 AND place = ?2 LIMIT ?3;
-- name: account_ids_lot
SELECT id FROM stock_account INDEXED BY stock_account_by_lot WHERE city = ?1 AND lot = ?2 AND (place = ?3 OR ?3 = 0) LIMIT ?4;
-- name: account_ids_lot @postgres
SELECT id FROM stock_account WHERE city = ?1 AND lot = ?2 AND (place = ?3 OR ?3 = 0) LIMIT ?4;

-- name: movement_from :many  Newest movements out of an account before a point.
SELECT v.id, v.document, v.line, v.from_account, v.to_account, v.qty, v.reason, v.occurred_at, v.recorded_at, v.late, v.actor, v.paid, v.reverses, v.note,
       v.from_place, v.from_bin, v.from_owner, v.from_item, v.from_lot, v.from_status, v.to_place, v.to_bin, v.to_owner, v.to_item, v.to_lot, v.to_status
FROM movement_full v WHERE v.city = ?1 AND v.from_account = ?2 AND v.occurred_at >= ?3 AND (v.occurred_at, v.id) < (?4, ?5)
ORDER BY v.occurred_at DESC, v.id DESC LIMIT ?6;
-- name: movement_from @postgres
SELECT k.n, v.id, v.document, v.line, v.from_account, v.to_account, v.qty, v.reason, v.occurred_at, v.recorded_at, v.late, v.actor, v.paid, v.reverses, v.note,
       v.from_place, v.from_bin, v.from_owner, v.from_item, v.from_lot, v.from_status, v.to_place, v.to_bin, v.to_owner, v.to_item, v.to_lot, v.to_status
FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[])
     WITH ORDINALITY AS k(city, account, since, before_at, before_id, most, n)
CROSS JOIN LATERAL (SELECT * FROM movement_full x WHERE x.city = k.city AND x.from_account = k.account AND x.occurred_at >= k.since
    AND (x.occurred_at, x.id) < (k.before_at, k.before_id) ORDER BY x.occurred_at DESC, x.id DESC LIMIT k.most) v;
-- name: movement_into :many  Newest movements into an account before a point.
SELECT v.id, v.document, v.line, v.from_account, v.to_account, v.qty, v.reason, v.occurred_at, v.recorded_at, v.late, v.actor, v.paid, v.reverses, v.note,
       v.from_place, v.from_bin, v.from_owner, v.from_item, v.from_lot, v.from_status, v.to_place, v.to_bin, v.to_owner, v.to_item, v.to_lot, v.to_status
FROM movement_full v WHERE v.city = ?1 AND v.to_account = ?2 AND v.occurred_at >= ?3 AND (v.occurred_at, v.id) < (?4, ?5)
ORDER BY v.occurred_at DESC, v.id DESC LIMIT ?6;
-- name: movement_into @postgres
SELECT k.n, v.id, v.document, v.line, v.from_account, v.to_account, v.qty, v.reason, v.occurred_at, v.recorded_at, v.late, v.actor, v.paid, v.reverses, v.note,
       v.from_place, v.from_bin, v.from_owner, v.from_item, v.from_lot, v.from_status, v.to_place, v.to_bin, v.to_owner, v.to_item, v.to_lot, v.to_status
FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[])
     WITH ORDINALITY AS k(city, account, since, before_at, before_id, most, n)
CROSS JOIN LATERAL (SELECT * FROM movement_full x WHERE x.city = k.city AND x.to_account = k.account AND x.occurred_at >= k.since
    AND (x.occurred_at, x.id) < (k.before_at, k.before_id) ORDER BY x.occurred_at DESC, x.id DESC LIMIT k.most) v;
-- name: movement_scan  All movements of the city, newest first, before a point.
SELECT v.id, v.document, v.line, v.from_account, v.to_account, v.qty, v.reason, v.occurred_at, v.recorded_at, v.late, v.actor, v.paid, v.reverses, v.note,
       v.from_place, v.from_bin, v.from_owner, v.from_item, v.from_lot, v.from_status, v.to_place, v.to_bin, v.to_owner, v.to_item, v.to_lot, v.to_status
FROM movement_full v WHERE v.city = ?1 AND v.occurred_at >= ?2 AND (v.occurred_at, v.id) < (?3, ?4)
ORDER BY v.occurred_at DESC, v.id DESC LIMIT ?5;
-- name: movement_scan_place  Those of them that touch a place, back to a point, both ends included but the first.
SELECT v.id, v.document, v.line, v.from_account, v.to_account, v.qty, v.reason, v.occurred_at, v.recorded_at, v.late, v.actor, v.paid, v.reverses, v.note,
       v.from_place, v.from_bin, v.from_owner, v.from_item, v.from_lot, v.from_status, v.to_place, v.to_bin, v.to_owner, v.to_item, v.to_lot, v.to_status
FROM movement_full v WHERE v.city = ?1 AND v.occurred_at >= ?2 AND (v.occurred_at, v.id) < (?3, ?4) AND (v.occurred_at > ?2 OR v.id >= ?5)
  AND (v.from_place = ?6 OR v.to_place = ?6)
ORDER BY v.occurred_at DESC, v.id DESC LIMIT ?7;
-- name: movement_back  The point so many movements before another.
SELECT occurred_at, id FROM movement WHERE city = ?1 AND occurred_at >= ?2 AND (occurred_at, id) < (?3, ?4)
ORDER BY occurred_at DESC, id DESC LIMIT 1 OFFSET ?5;
-- name: movement_after  All movements of the city in the order in which they were recorded, after one.
SELECT v.id, v.document, v.line, v.from_account, v.to_account, v.qty, v.reason, v.occurred_at, v.recorded_at, v.late, v.actor, v.paid, v.reverses, v.note,
       v.from_place, v.from_bin, v.from_owner, v.from_item, v.from_lot, v.from_status, v.to_place, v.to_bin, v.to_owner, v.to_item, v.to_lot, v.to_status
FROM movement_full v WHERE v.city = ?1 AND v.id > ?2 ORDER BY v.id LIMIT ?3;
-- name: movement_document  The movements of a document; its row tells between which ids they are.
SELECT v.id, v.document, v.line, v.from_account, v.to_account, v.qty, v.reason, v.occurred_at, v.recorded_at, v.late, v.actor, v.paid, v.reverses, v.note,
       v.from_place, v.from_bin, v.from_owner, v.from_item, v.from_lot, v.from_status, v.to_place, v.to_bin, v.to_owner, v.to_item, v.to_lot, v.to_status
FROM movement_full v WHERE v.city = ?1 AND v.id BETWEEN ?3 AND ?4 AND v.document = ?2 ORDER BY v.id;

-- name: movement_its_document
SELECT document FROM movement WHERE city = ?1 AND id = ?2;

-- name: document_get
SELECT id, kind, year, number, reference, place, other, shipment, lines, first_movement, last_movement, occurred_at, recorded_at, stated_at, actor, note, op
FROM ledger_document WHERE city = ?1 AND id = ?2;

-- name: hold_get
SELECT h.id, h.account, h.qty, h.posted, h.state, h.purpose, h.purpose_id, h.target, h.due_at, h.made_at, h.made_by, h.closed_at,
       a.place, a.bin, a.owner, a.item, a.lot, a.status
FROM hold h JOIN stock_account a ON a.city = h.city AND a.id = h.account WHERE h.city = ?1 AND h.id = ?2;
-- name: hold_due
SELECT id FROM hold WHERE city = ?1 AND state = 1 AND due_at <= ?2 ORDER BY due_at, id LIMIT ?3;
-- name: hold_list  Open holds of a place, in the order of ids.
SELECT h.id, h.account, h.qty, h.posted, h.state, h.purpose, h.purpose_id, h.target, h.due_at, h.made_at, h.made_by, h.closed_at,
       a.place, a.bin, a.owner, a.item, a.lot, a.status
FROM hold h INDEXED BY hold_open JOIN stock_account a ON a.city = h.city AND a.id = h.account
WHERE h.city = ?1 AND h.state = 1 AND h.id > ?2 AND (a.place = ?3 OR ?3 = 0) AND (a.item = ?4 OR ?4 = 0) ORDER BY h.id LIMIT ?5;
-- name: hold_list @postgres
SELECT h.id, h.account, h.qty, h.posted, h.state, h.purpose, h.purpose_id, h.target, h.due_at, h.made_at, h.made_by, h.closed_at,
       a.place, a.bin, a.owner, a.item, a.lot, a.status
FROM hold h JOIN stock_account a ON a.city = h.city AND a.id = h.account
WHERE h.city = ?1 AND h.state = 1 AND h.id > ?2 AND (a.place = ?3 OR ?3 = 0) AND (a.item = ?4 OR ?4 = 0) ORDER BY h.id LIMIT ?5;
-- name: hold_purpose
SELECT h.id, h.account, h.qty, h.posted, h.state, h.purpose, h.purpose_id, h.target, h.due_at, h.made_at, h.made_by, h.closed_at,
       a.place, a.bin, a.owner, a.item, a.lot, a.status
FROM hold h INDEXED BY hold_purpose JOIN stock_account a ON a.city = h.city AND a.id = h.account
WHERE h.city = ?1 AND h.purpose_id = ?2 AND h.purpose_id <> 0 AND h.id > ?3 ORDER BY h.id LIMIT ?4;
-- name: hold_purpose @postgres
SELECT h.id, h.account, h.qty, h.posted, h.state, h.purpose, h.purpose_id, h.target, h.due_at, h.made_at, h.made_by, h.closed_at,
       a.place, a.bin, a.owner, a.item, a.lot, a.status
FROM hold h JOIN stock_account a ON a.city = h.city AND a.id = h.account
WHERE h.city = ?1 AND h.purpose_id = ?2 AND h.purpose_id <> 0 AND h.id > ?3 ORDER BY h.id LIMIT ?4;
-- name: hold_of_account
SELECT id FROM hold INDEXED BY hold_open WHERE city = ?1 AND account = ?2 AND state = 1 ORDER BY id;
-- name: hold_of_account @postgres
SELECT id FROM hold WHERE city = ?1 AND account = ?2 AND state = 1 ORDER BY id;

-- name: shipment_get
SELECT id, origin, target, state, sent_at, closed_at FROM shipment WHERE city = ?1 AND id = ?2;
-- name: shipment_open
SELECT id, origin, target, state, sent_at, closed_at FROM shipment
WHERE city = ?1 AND state <> 3 AND id > ?2 AND (origin = ?3 OR ?3 = 0) AND (target = ?4 OR ?4 = 0) ORDER BY id LIMIT ?5;
-- name: shipment_lines
SELECT item, lot, owner, sent, arrived, missing, settled FROM shipment_line WHERE city = ?1 AND shipment = ?2 ORDER BY item, lot, owner;

-- name: review_get
SELECT r.id, r.kind, r.place, r.account, r.document, r.movement, r.qty, r.settled, r.opened_at, r.due_at, r.state, r.closed_at, r.closed_by, r.note,
       a.place, a.bin, a.owner, a.item, a.lot, a.status
FROM ledger_review r JOIN stock_account a ON a.city = r.city AND a.id = r.account WHERE r.city = ?1 AND r.id = ?2;
-- name: review_list
SELECT r.id, r.kind, r.place, r.account, r.document, r.movement, r.qty, r.settled, r.opened_at, r.due_at, r.state, r.closed_at, r.closed_by, r.note,
       a.place, a.bin, a.owner, a.item, a.lot, a.status
FROM ledger_review r JOIN stock_account a ON a.city = r.city AND a.id = r.account
WHERE r.city = ?1 AND r.id > ?2 AND (r.place = ?3 OR ?3 = 0) AND (r.state = ?4 OR ?4 = 0) ORDER BY r.id LIMIT ?5;
-- name: review_list_place
SELECT r.id, r.kind, r.place, r.account, r.document, r.movement, r.qty, r.settled, r.opened_at, r.due_at, r.state, r.closed_at, r.closed_by, r.note,
       a.place, a.bin, a.owner, a.item, a.lot, a.status
FROM ledger_review r INDEXED BY ledger_review_place JOIN stock_account a ON a.city = r.city AND a.id = r.account
WHERE r.city = ?1 AND r.place = ?2 AND r.id > ?3 AND (r.state = ?4 OR ?4 = 0) ORDER BY r.id LIMIT ?5;
-- name: review_list_place @postgres
SELECT r.id, r.kind, r.place, r.account, r.document, r.movement, r.qty, r.settled, r.opened_at, r.due_at, r.state, r.closed_at, r.closed_by, r.note,
       a.place, a.bin, a.owner, a.item, a.lot, a.status
FROM ledger_review r JOIN stock_account a ON a.city = r.city AND a.id = r.account
WHERE r.city = ?1 AND r.place = ?2 AND r.id > ?3 AND (r.state = ?4 OR ?4 = 0) ORDER BY r.id LIMIT ?5;

-- name: pick_accounts :many  Usable stock of an item at a place that is not reserved.
SELECT a.id, a.lot, a.owner, a.bin, a.qty - a.held, COALESCE(l.batch, ''), l.expiry, COALESCE(l.state, 1)
FROM stock_account a LEFT JOIN lot l ON l.city = a.city AND l.id = a.lot
WHERE a.city = ?1 AND a.place = ?2 AND a.item = ?3 AND a.status = 4 AND a.qty > a.held;
-- name: pick_accounts @postgres
SELECT k.n, a.id, a.lot, a.owner, a.bin, a.qty - a.held, COALESCE(l.batch, ''), l.expiry, COALESCE(l.state, 1)
FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[]) WITH ORDINALITY AS k(city, place, item, n)
JOIN stock_account a ON a.city = k.city AND a.place = k.place AND a.item = k.item AND a.status = 4 AND a.qty > a.held
LEFT JOIN lot l ON l.city = a.city AND l.id = a.lot ORDER BY k.n;
