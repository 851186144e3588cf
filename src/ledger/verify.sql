-- Verification reads everything again, in pages that end at a key, so that memory stays flat on both engines.

-- name: verify_cities
SELECT city FROM ledger_counter UNION SELECT city FROM stock_account UNION SELECT city FROM stock_total UNION SELECT city FROM total_day
UNION SELECT city FROM ledger_document ORDER BY 1;
-- name: verify_accounts
SELECT id, place, item, status, owner, outside, qty, held FROM stock_account WHERE city = ?1 AND id > ?2 ORDER BY id LIMIT ?3;
-- name: verify_movements  In the order in which they happened, which is the order of total_day.
SELECT id, from_account, to_account, qty, occurred_at, recorded_at, late FROM movement
WHERE city = ?1 AND (occurred_at, id) > (?2, ?3) ORDER BY occurred_at, id LIMIT ?4;
-- name: verify_day
SELECT place, item, status, owner, known_day, delta FROM total_day WHERE city = ?1 AND day = ?2;
-- name: verify_day_next  The next date that has changes.
SELECT day FROM total_day WHERE city = ?1 AND day > ?2 AND day < ?3 ORDER BY day LIMIT 1;
-- name: verify_holds
SELECT account, SUM(qty - posted) FROM hold WHERE city = ?1 AND state = 1 GROUP BY account;
-- name: verify_holds @postgres
SELECT account, SUM(qty - posted)::bigint FROM hold WHERE city = ?1 AND state = 1 GROUP BY account;
-- name: verify_totals
SELECT item, place, status, owner, qty, held FROM stock_total WHERE city = ?1;
-- name: verify_snaps
SELECT day FROM total_snap_day WHERE city = ?1 ORDER BY day;
-- name: verify_snap  Cells of the snapshot at ?3 that differ from the one at ?2 and the days between.
SELECT x.place, x.item, x.status, x.owner FROM (
    SELECT place, item, status, owner, qty FROM total_snap WHERE city = ?1 AND day = ?2
    UNION ALL
    SELECT place, item, status, owner, delta FROM total_day WHERE city = ?1 AND day >= ?2 AND day < ?3 AND known_day < ?3
    UNION ALL
    SELECT t.place, t.item, t.status, t.owner, t.delta FROM place p CROSS JOIN total_day t INDEXED BY total_day_late
    WHERE p.city = ?1 AND t.city = ?1 AND t.place = p.id AND t.known_day >= ?2 AND t.known_day < ?3 AND t.known_day > t.day AND t.day < ?2
    UNION ALL
    SELECT place, item, status, owner, -qty FROM total_snap WHERE city = ?1 AND day = ?3) x
GROUP BY x.place, x.item, x.status, x.owner HAVING SUM(x.qty) <> 0 LIMIT 1;
-- name: verify_snap @postgres
SELECT x.place, x.item, x.status, x.owner FROM (
    SELECT place, item, status, owner, qty FROM total_snap WHERE city = ?1 AND day = ?2
    UNION ALL
    SELECT place, item, status, owner, delta FROM total_day WHERE city = ?1 AND day >= ?2 AND day < ?3 AND known_day < ?3
    UNION ALL
    SELECT place, item, status, owner, delta FROM total_day
    WHERE city = ?1 AND day < ?2 AND known_day >= ?2 AND known_day < ?3
    UNION ALL
    SELECT place, item, status, owner, -qty FROM total_snap WHERE city = ?1 AND day = ?3) x
GROUP BY x.place, x.item, x.status, x.owner HAVING SUM(x.qty) <> 0 LIMIT 1;
-- name: verify_numbers  Documents whose numbers are not exactly 1 … last.
SELECT d.kind, d.year FROM (
    SELECT kind, year, COUNT(*) AS many, MAX(number) AS most, MIN(number) AS least FROM ledger_document WHERE city = ?1 GROUP BY kind, year) d
LEFT JOIN ledger_counter c ON c.city = ?1 AND c.kind = d.kind AND c.year = d.year
WHERE d.least <> 1 OR d.many <> d.most OR c.last IS NULL OR c.last <> d.most LIMIT 1;
-- name: verify_shipments  Shipments whose lines do not make the balance of transit.
SELECT x.target, x.item, x.lot, x.owner FROM (
    SELECT s.target AS target, l.item AS item, l.lot AS lot, l.owner AS owner, l.sent - l.arrived - l.settled AS qty FROM shipment s
    JOIN shipment_line l ON l.city = s.city AND l.shipment = s.id WHERE s.city = ?1
    UNION ALL
    SELECT place, item, lot, owner, -qty FROM stock_account WHERE city = ?1 AND status = 9 AND qty <> 0) x
GROUP BY x.target, x.item, x.lot, x.owner HAVING SUM(x.qty) <> 0 LIMIT 1;
-- name: verify_lines
SELECT COALESCE(SUM(lines), 0) FROM ledger_document;
-- name: verify_lines @postgres
SELECT COALESCE(SUM(lines), 0)::bigint FROM ledger_document;
-- name: verify_movement_count
SELECT COUNT(*) FROM movement;
-- name: verify_document_lost  A document that no entry of the journal told of.
SELECT city, id FROM ledger_document WHERE (city, id) > (?1, ?2) ORDER BY city, id LIMIT ?3;
-- name: verify_pending  Waits for its position (PostgreSQL).
SELECT body, actor FROM journal_pending WHERE city = ?1 AND object = 'document' AND object_id = ?2;
-- name: verify_kind_of  Kind of the document that a movement belongs to.
SELECT d.kind FROM movement m JOIN ledger_document d ON d.city = m.city AND d.id = m.document WHERE m.city = ?1 AND m.id = ?2;
-- name: verify_draws
SELECT city, day, place, item, known_day, qty FROM draw_day WHERE (city, day, place, item, known_day) > (?1, ?2, ?3, ?4, ?5)
ORDER BY city, day, place, item, known_day LIMIT ?6;
