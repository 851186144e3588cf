-- Recalls, expiry, snapshots, counts, settlements.

-- name: recall_accounts  Everything that ever was of a lot.
SELECT place, status, qty FROM stock_account INDEXED BY stock_account_by_lot WHERE city = ?1 AND lot = ?2;
-- name: recall_accounts @postgres
SELECT place, status, qty FROM stock_account WHERE city = ?1 AND lot = ?2;
-- name: recall_stock  What of a lot goes out of use: inspecting, receiving, usable; in a recall what is on hold, too.
SELECT id, place, bin, owner, item, lot, status, qty, held FROM stock_account INDEXED BY stock_account_by_lot
WHERE city = ?1 AND lot = ?2 AND qty > 0 AND (status IN (2, 3, 4) OR (status = 5 AND ?3 = 1)) ORDER BY place, item, status, owner, bin;
-- name: recall_stock @postgres
SELECT id, place, bin, owner, item, lot, status, qty, held FROM stock_account
WHERE city = ?1 AND lot = ?2 AND qty > 0 AND (status IN (2, 3, 4) OR (status = 5 AND ?3 = 1)) ORDER BY place, item, status, owner, bin;

-- name: expire_stock  Stock whose last day of use is over.
SELECT a.id, a.place, a.bin, a.owner, a.item, a.lot, a.status, a.qty, a.held FROM lot l INDEXED BY lot_by_expiry
CROSS JOIN stock_account a INDEXED BY stock_account_by_lot ON a.city = l.city AND a.lot = l.id
WHERE l.city = ?1 AND l.expiry < ?2 AND a.qty > 0 AND a.status IN (2, 3, 4, 5) ORDER BY a.place, a.item, a.status, a.lot LIMIT ?3;
-- name: expire_stock @postgres
SELECT a.id, a.place, a.bin, a.owner, a.item, a.lot, a.status, a.qty, a.held FROM lot l
JOIN stock_account a ON a.city = l.city AND a.lot = l.id
WHERE l.city = ?1 AND l.expiry < ?2 AND a.qty > 0 AND a.status IN (2, 3, 4, 5) ORDER BY a.place, a.item, a.status, a.lot LIMIT ?3;

-- name: snap_newest
SELECT day FROM total_snap_day WHERE city = ?1 ORDER BY day DESC LIMIT 1;
-- name: snap_take  From the snapshot at ?2 (or nothing, when ?2 is the first day) to ?3.
INSERT INTO total_snap (city, day, place, item, status, owner, qty)
SELECT ?1, ?3, x.place, x.item, x.status, x.owner, SUM(x.qty) FROM (
    SELECT place, item, status, owner, qty FROM total_snap WHERE city = ?1 AND day = ?2
    UNION ALL
    SELECT place, item, status, owner, delta FROM total_day WHERE city = ?1 AND day >= ?2 AND day < ?3 AND known_day < ?3
    UNION ALL
    SELECT t.place, t.item, t.status, t.owner, t.delta FROM place p CROSS JOIN total_day t INDEXED BY total_day_late
    WHERE p.city = ?1 AND t.city = ?1 AND t.place = p.id AND t.known_day >= ?2 AND t.known_day < ?3 AND t.known_day > t.day AND t.day < ?2) x
GROUP BY x.place, x.item, x.status, x.owner HAVING SUM(x.qty) <> 0;
-- name: snap_take @postgres
INSERT INTO total_snap (city, day, place, item, status, owner, qty)
SELECT ?1::bigint, ?3::bigint, x.place, x.item, x.status, x.owner, SUM(x.qty)::bigint FROM (
    SELECT place, item, status, owner, qty FROM total_snap WHERE city = ?1 AND day = ?2
    UNION ALL
    SELECT place, item, status, owner, delta FROM total_day WHERE city = ?1 AND day >= ?2 AND day < ?3 AND known_day < ?3
    UNION ALL
    SELECT place, item, status, owner, delta FROM total_day
    WHERE city = ?1 AND known_day >= ?2 AND known_day < ?3 AND known_day > day AND day < ?2) x
GROUP BY x.place, x.item, x.status, x.owner HAVING SUM(x.qty) <> 0;
-- name: snap_mark
INSERT INTO total_snap_day (city, day, cells, taken_at) VALUES (?1, ?2, ?3, ?4);
-- name: ledger_cities  Cities that have posted anything.
SELECT DISTINCT city FROM ledger_counter ORDER BY city;

-- name: count_sheet_insert
INSERT INTO count_sheet (city, id, place, state, blind, title, opened_at, opened_by, closed_at, reviewed_by, document, note, version)
VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7, NULL, 0, 0, '', 1);
-- name: count_sheet_move
UPDATE count_sheet SET state = ?3, closed_at = ?4, reviewed_by = ?5, document = ?6, note = ?7, version = version + 1 WHERE city = ?1 AND id = ?2;
-- name: count_sheet_get
SELECT id, place, state, blind, title, opened_at, opened_by, closed_at, reviewed_by, document, note, version FROM count_sheet
WHERE city = ?1 AND id = ?2;
-- name: count_sheet_list
SELECT id, place, state, blind, title, opened_at, opened_by, closed_at, reviewed_by, document, note, version FROM count_sheet
WHERE city = ?1 AND (place = ?2 OR ?2 = 0) AND id < ?3 ORDER BY id DESC LIMIT ?4;
-- name: count_line_put
INSERT INTO count_line (city, sheet, item, lot, owner, bin, status, round, counted, counted_at, counted_by, recorded_at, expected,
                        account_version, reason, note)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
ON CONFLICT (city, sheet, item, lot, owner, bin, status, round) DO UPDATE SET counted = excluded.counted, counted_at = excluded.counted_at,
    counted_by = excluded.counted_by, recorded_at = excluded.recorded_at, expected = excluded.expected,
    account_version = excluded.account_version, reason = excluded.reason, note = excluded.note;
-- name: count_round
SELECT COALESCE(MAX(round), 0) FROM count_line
WHERE city = ?1 AND sheet = ?2 AND item = ?3 AND lot = ?4 AND owner = ?5 AND bin = ?6 AND status = ?7;
-- name: count_line_list
SELECT c.item, c.lot, c.owner, c.bin, c.status, c.round, c.counted, c.counted_at, c.counted_by, c.expected, c.account_version, c.reason, c.note,
       COALESCE(a.qty, 0), COALESCE(a.id, 0)
FROM count_line c LEFT JOIN stock_account a ON a.city = c.city AND a.place = ?3 AND a.item = c.item AND a.status = c.status AND a.lot = c.lot
     AND a.owner = c.owner AND a.bin = c.bin
WHERE c.city = ?1 AND c.sheet = ?2 ORDER BY c.item, c.lot, c.owner, c.bin, c.status, c.round;
-- name: count_own  Has this person counted anything on the sheet?
SELECT 1 FROM count_line WHERE city = ?1 AND sheet = ?2 AND counted_by = ?3 LIMIT 1;
-- name: count_account
SELECT id, qty, version FROM stock_account
WHERE city = ?1 AND place = ?2 AND item = ?3 AND status = ?4 AND lot = ?5 AND owner = ?6 AND bin = ?7;

-- name: review_settle
UPDATE ledger_review SET settled = settled + ?3, state = ?4, closed_at = ?5, closed_by = ?6, note = ?7 WHERE city = ?1 AND id = ?2;
-- name: shipment_settle
UPDATE shipment_line SET settled = settled + ?6 WHERE city = ?1 AND shipment = ?2 AND item = ?3 AND lot = ?4 AND owner = ?5;
-- name: shipment_rest  What of a shipment is neither arrived nor settled.
SELECT COALESCE(SUM(sent - arrived - settled), 0) FROM shipment_line WHERE city = ?1 AND shipment = ?2;
-- name: shipment_rest @postgres
SELECT COALESCE(SUM(sent - arrived - settled), 0)::bigint FROM shipment_line WHERE city = ?1 AND shipment = ?2;
