-- What the simulator reads to compare the database with its model.

-- name: sim_account_list  Every balance.
SELECT place, bin, owner, item, lot, status, qty, held FROM stock_account WHERE city = ?1
ORDER BY place, item, status, lot, owner, bin;
-- name: sim_total_list  Every total that the posting keeps.
SELECT place, item, status, owner, qty, held FROM stock_total WHERE city = ?1 ORDER BY item, place, status, owner;
-- name: sim_day_list  Every day of both time axes.
SELECT place, item, status, owner, day, known_day, delta FROM total_day WHERE city = ?1;
-- name: sim_hold_list  Every hold.
SELECT id, qty, posted, state FROM hold WHERE city = ?1 ORDER BY id;
-- name: sim_zero_sum  Items whose accounts do not add up to zero: none.
SELECT item, SUM(qty) FROM stock_account WHERE city = ?1 GROUP BY item HAVING SUM(qty) <> 0;
-- name: sim_size  How many movements, documents and reviews there are, and their quantities added up.
SELECT (SELECT COUNT(*) FROM movement WHERE city = ?1), (SELECT COALESCE(SUM(qty), 0) FROM movement WHERE city = ?1),
       (SELECT COUNT(*) FROM ledger_document WHERE city = ?1), (SELECT COUNT(*) FROM ledger_review WHERE city = ?1),
       (SELECT COALESCE(SUM(settled), 0) FROM ledger_review WHERE city = ?1),
       (SELECT COUNT(*) FROM ledger_review WHERE city = ?1 AND state = 1);
-- name: sim_shipment_list  Every shipment with what of it arrived, is missing and was settled.
SELECT s.id, s.state, SUM(l.sent), SUM(l.arrived), SUM(l.missing), SUM(l.settled) FROM shipment s
JOIN shipment_line l ON l.city = s.city AND l.shipment = s.id WHERE s.city = ?1 GROUP BY s.id, s.state ORDER BY s.id;
-- name: sim_entry_count  Entries of one kind, with a position or waiting for it.
SELECT (SELECT COUNT(*) FROM journal_entry WHERE city = ?1 AND kind = ?2) +
       (SELECT COUNT(*) FROM journal_pending WHERE city = ?1 AND kind = ?2);
-- name: sim_op_count  Whether an operation has an answer.
SELECT COUNT(*) FROM op WHERE city = ?1 AND op = ?2;
-- name: sim_document_of  The documents an operation made.
SELECT id FROM ledger_document WHERE city = ?1 AND op = ?2 ORDER BY id;
-- name: sim_review_of  The reviews a document opened.
SELECT id FROM ledger_review WHERE city = ?1 AND document = ?2 ORDER BY id;
