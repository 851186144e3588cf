-- name: reserve_standard_insert  A new version of a standard.
INSERT INTO reserve_standard (city, item, place, level, from_day, id, basis, qty, cover_milli, lead_days, note, recorded_at, recorded_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);

-- name: reserve_standard_in_force  Versions in force by a date at a level as known by a moment, the latest last, of one item (0: all) and place (0: all).
SELECT item, place, from_day, id, basis, qty, cover_milli, lead_days, note
FROM reserve_standard
WHERE city = ?1 AND level = ?2 AND from_day <= ?3 AND recorded_at <= ?4 AND (CAST(?5 AS BIGINT) = 0 OR item = ?5) AND (CAST(?6 AS BIGINT) = 0 OR place = ?6)
ORDER BY item, place, from_day, id;

-- name: reserve_standard_history  All versions of an item at a place, in the order in which they come into force.
SELECT item, place, from_day, id, basis, qty, cover_milli, lead_days, note, level, recorded_at, recorded_by
FROM reserve_standard
WHERE city = ?1 AND (CAST(?2 AS BIGINT) = 0 OR item = ?2) AND (CAST(?3 AS BIGINT) = 0 OR place = ?3) AND id > ?4
ORDER BY id LIMIT ?5;

-- name: reserve_level_insert  The level changes.
INSERT INTO reserve_level (city, id, level, state, from_at, recorded_at, recorded_by, why, legal_basis)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);

-- name: reserve_level_at  The latest row of a state by a moment as known by a moment.
SELECT id, level, state, from_at, recorded_at, recorded_by, why, legal_basis
FROM reserve_level
WHERE city = ?1 AND state = ?2 AND from_at <= ?3 AND recorded_at <= ?4
ORDER BY from_at DESC, id DESC LIMIT 1;

-- name: reserve_level_history  All changes of the level, newest first, with who asked and who approved.
SELECT l.id, l.level, l.state, l.from_at, l.recorded_at, l.recorded_by, l.why, l.legal_basis, COALESCE(p.id, 0), COALESCE(p.requested_name, ''),
       COALESCE(p.decided_name, ''), COALESCE(p.leader, ''), COALESCE(p.paper, '')
FROM reserve_level l LEFT JOIN reserve_proposal p ON p.city = l.city AND p.made = l.id
WHERE l.city = ?1 AND l.id < ?2 ORDER BY l.id DESC LIMIT ?3;

-- name: reserve_figure_insert  A figure of the outbreak.
INSERT INTO reserve_figure (city, kind, district, day, id, name, value, mark, note, recorded_at, recorded_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

-- name: reserve_figure_known  Figures of a kind (0: all) on days as known by a moment, versions in the order of recording.
SELECT kind, district, day, id, name, value, mark, note, recorded_at, recorded_by FROM reserve_figure
WHERE city = ?1 AND (CAST(?2 AS BIGINT) = 0 OR kind = ?2) AND day >= ?3 AND day <= ?4 AND recorded_at <= ?5
ORDER BY kind, district, day, name, id;

-- name: reserve_figure_recent  Every version, newest first, before an id, of a kind (0: all).
SELECT kind, district, day, id, name, value, mark, note, recorded_at, recorded_by FROM reserve_figure
WHERE city = ?1 AND id < ?2 AND (CAST(?3 AS BIGINT) = 0 OR kind = ?3) ORDER BY id DESC LIMIT ?4;

-- name: reserve_round_insert  A version of a test round.
INSERT INTO reserve_round (city, round, id, name, day, state, share_permille, districts, sampled, positive, mark, note, recorded_at, recorded_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14);

-- name: reserve_round_known  Test rounds as known by a moment, versions in the order of recording.
SELECT round, id, name, day, state, share_permille, districts, sampled, positive, mark, note, recorded_at, recorded_by FROM reserve_round
WHERE city = ?1 AND recorded_at <= ?2 ORDER BY round, id;
