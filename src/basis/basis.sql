-- name: basis_run_insert  A run is asked for.
INSERT INTO basis_run (city, id, method, title, inputs, version, seconds_ms, base, state, tries, lease_until, solver, asked_by, asked_name, asked_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, 0, 0, '', ?9, ?10, ?11);

-- name: basis_document_insert  Input, answer or refusal of a run.
INSERT INTO basis_document (city, run, part, content) VALUES (?1, ?2, ?3, ?4);

-- name: basis_document_get  One document of a run.
SELECT content FROM basis_document WHERE city = ?1 AND run = ?2 AND part = ?3;

-- name: basis_queue_insert  A run waits.
INSERT INTO basis_queue (city, run) VALUES (?1, ?2);

-- name: basis_queue_delete  A run has ended.
DELETE FROM basis_queue WHERE city = ?1 AND run = ?2;

-- name: basis_queue_count  Runs of a city that wait or are under way, and those of one person.
SELECT COUNT(*), COALESCE(SUM(CASE WHEN r.asked_by = ?2 THEN 1 ELSE 0 END), 0)
FROM basis_queue q JOIN basis_run r ON r.city = q.city AND r.id = q.run WHERE q.city = ?1;

-- name: basis_queue_first  Runs to begin: those that wait, and those whose worker has died.
SELECT q.city, q.run FROM basis_queue q JOIN basis_run r ON r.city = q.city AND r.id = q.run
WHERE r.state = 1 OR (r.state = 2 AND r.lease_until < ?1)
ORDER BY q.run LIMIT 8;

-- name: basis_run_claim  A worker begins a run, unless another has.
UPDATE basis_run SET state = 2, tries = tries + 1, started_at = ?3, lease_until = ?4
WHERE city = ?1 AND id = ?2 AND (state = 1 OR (state = 2 AND lease_until < ?3));

-- name: basis_run_free  After a start: runs that the process before left under way may be begun again.
UPDATE basis_run SET lease_until = 0 WHERE state = 2;

-- name: basis_run_release  A worker that has to stop gives a run back.
UPDATE basis_run SET state = 1, tries = tries - 1, lease_until = 0 WHERE city = ?1 AND id = ?2 AND state = 2;

-- name: basis_run_end  A run has ended.
UPDATE basis_run SET state = ?3, solver = ?4, seed = ?5, gap_nano = ?6, used_us = ?7, ended_at = ?8, lease_until = 0
WHERE city = ?1 AND id = ?2 AND state IN (1, 2);

-- name: basis_run_get  One run.
SELECT id, method, title, inputs, version, seconds_ms, base, state, tries, solver, seed, gap_nano, used_us, asked_by, asked_name, asked_at, started_at, ended_at,
       (SELECT COUNT(*) FROM basis_decision d WHERE d.city = r.city AND d.run = r.id)
FROM basis_run r WHERE city = ?1 AND id = ?2;

-- name: basis_run_same  The newest run of a method on the same input by the same version that is done or under way.
SELECT id, state FROM basis_run
WHERE city = ?1 AND inputs = ?2 AND method = ?3 AND version = ?4 AND state <= 3
ORDER BY id DESC LIMIT 1;

-- name: basis_run_list  Runs, newest first, of a method ('': all), in a state (0: all), asked for by a person (0: all).
SELECT id, method, title, inputs, version, seconds_ms, base, state, tries, solver, seed, gap_nano, used_us, asked_by, asked_name, asked_at, started_at, ended_at,
       (SELECT COUNT(*) FROM basis_decision d WHERE d.city = r.city AND d.run = r.id)
FROM basis_run r
WHERE city = ?1 AND id < ?2 AND (?3 = '' OR method = ?3) AND (CAST(?4 AS BIGINT) = 0 OR state = ?4) AND (CAST(?5 AS BIGINT) = 0 OR asked_by = ?5)
ORDER BY id DESC LIMIT ?6;

-- name: basis_decision_insert  Somebody decides on a run.
INSERT INTO basis_decision (city, run, id, part, verdict, purpose, item, place, level, qty, day, why, decided_by, decided_name, decided_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15);

-- name: basis_decision_of  Decisions on a run, oldest first.
SELECT id, run, part, verdict, purpose, item, place, level, qty, day, why, decided_by, decided_name, decided_at
FROM basis_decision WHERE city = ?1 AND run = ?2 ORDER BY id LIMIT 500;

-- name: basis_decision_list  Decisions, newest first, for a use (-1: any).
SELECT id, run, part, verdict, purpose, item, place, level, qty, day, why, decided_by, decided_name, decided_at
FROM basis_decision WHERE city = ?1 AND id < ?2 AND (CAST(?3 AS BIGINT) < 0 OR purpose = ?3) ORDER BY id DESC LIMIT ?4;

-- name: basis_table_insert  A table of coefficients is changed.
INSERT INTO basis_table (city, name, id, content, why, recorded_by, recorded_name, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);

-- name: basis_table_newest  The version of a table that counts.
SELECT id, content, why, recorded_by, recorded_name, recorded_at FROM basis_table WHERE city = ?1 AND name = ?2 ORDER BY id DESC LIMIT ?3;
