-- name: reserve_uplift_line_insert  One cell of a proposed uplift.
INSERT INTO reserve_proposal_line (city, proposal, id, item, place, level, from_day, basis, qty, cover_milli, lead_days, run, note)
VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 0, 0, 0, 0, '');

-- name: reserve_uplift_line_of  Cells of a proposed uplift.
SELECT item, place FROM reserve_proposal_line WHERE city = ?1 AND proposal = ?2 AND level = 0 ORDER BY id;

-- name: reserve_uplift_insert  An uplift begins.
INSERT INTO reserve_uplift (city, id, factor_permille, from_day, due_day, why, recorded_at, recorded_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: reserve_uplift_cell_insert  One cell of an uplift.
INSERT INTO reserve_uplift_cell (city, uplift, item, place) VALUES (?1, ?2, ?3, ?4);

-- name: reserve_uplift_end_insert  An uplift ends.
INSERT INTO reserve_uplift_end (city, uplift, ended_at, why, recorded_by) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: reserve_uplift_open  Whether there is such an uplift that has not ended.
SELECT COUNT(*) FROM reserve_uplift u WHERE u.city = ?1 AND u.id = ?2
    AND NOT EXISTS (SELECT 1 FROM reserve_uplift_end e WHERE e.city = u.city AND e.uplift = u.id);

-- name: reserve_uplift_in_force  Cells of the uplifts in force on a date and at a moment as known by a moment, of one item (0: all) and place (0: all).
SELECT c.item, c.place, u.id, u.factor_permille, u.due_day, u.why
FROM reserve_uplift u JOIN reserve_uplift_cell c ON c.city = u.city AND c.uplift = u.id
WHERE u.city = ?1 AND u.from_day <= ?2 AND u.recorded_at <= ?4
    AND NOT EXISTS (SELECT 1 FROM reserve_uplift_end e WHERE e.city = u.city AND e.uplift = u.id AND e.ended_at <= ?3 AND e.ended_at <= ?4)
    AND (CAST(?5 AS BIGINT) = 0 OR c.item = ?5) AND (CAST(?6 AS BIGINT) = 0 OR c.place = ?6)
ORDER BY u.id, c.item, c.place;

-- name: reserve_uplift_list  Uplifts, newest first, before an id, with their end and how many items and places they name.
SELECT u.id, u.factor_permille, u.from_day, u.due_day, u.why, u.recorded_at, COALESCE(e.ended_at, 0),
       (SELECT COUNT(DISTINCT c.item) FROM reserve_uplift_cell c WHERE c.city = u.city AND c.uplift = u.id),
       (SELECT COUNT(DISTINCT c.place) FROM reserve_uplift_cell c WHERE c.city = u.city AND c.uplift = u.id)
FROM reserve_uplift u LEFT JOIN reserve_uplift_end e ON e.city = u.city AND e.uplift = u.id
WHERE u.city = ?1 AND u.id < ?2 ORDER BY u.id DESC LIMIT ?3;
