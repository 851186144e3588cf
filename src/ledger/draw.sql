-- name: ledger_draw_add :many  Adds to the draw of days.
INSERT INTO draw_day (city, day, place, item, known_day, qty) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (city, day, place, item, known_day) DO UPDATE SET qty = draw_day.qty + excluded.qty;
-- name: ledger_draw_add @postgres
INSERT INTO draw_day (city, day, place, item, known_day, qty)
SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[])
ON CONFLICT (city, day, place, item, known_day) DO UPDATE SET qty = draw_day.qty + excluded.qty;

-- name: ledger_draw_list  Draw of every place and item by day in [?2, ?3] as known by day ?4, of one place (0: all) and item (0: all).
SELECT day, place, item, SUM(qty) FROM draw_day
WHERE city = ?1 AND day >= ?2 AND day <= ?3 AND known_day <= ?4 AND (CAST(?5 AS BIGINT) = 0 OR place = ?5) AND (CAST(?6 AS BIGINT) = 0 OR item = ?6)
GROUP BY day, place, item ORDER BY day, place, item;

-- name: ledger_expiry_list  Usable stock now by item, place and last day of use up to ?2, of one item (0: all) and place (0: all).
SELECT a.item, a.place, l.expiry, SUM(a.qty)
FROM stock_account a INDEXED BY stock_account_usable CROSS JOIN lot l ON l.city = a.city AND l.id = a.lot
WHERE a.city = ?1 AND a.status = 4 AND a.qty > 0 AND l.expiry <= ?2 AND (CAST(?3 AS BIGINT) = 0 OR a.item = ?3)
  AND (CAST(?4 AS BIGINT) = 0 OR a.place = ?4)
GROUP BY a.item, a.place, l.expiry ORDER BY a.item, a.place, l.expiry;
-- name: ledger_expiry_list @postgres
SELECT a.item, a.place, l.expiry, SUM(a.qty)
FROM stock_account a JOIN lot l ON l.city = a.city AND l.id = a.lot
WHERE a.city = ?1 AND a.status = 4 AND a.qty > 0 AND l.expiry <= ?2 AND (CAST(?3 AS BIGINT) = 0 OR a.item = ?3)
  AND (CAST(?4 AS BIGINT) = 0 OR a.place = ?4)
GROUP BY a.item, a.place, l.expiry ORDER BY a.item, a.place, l.expiry;
