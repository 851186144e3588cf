-- name: reserve_proposal_insert  Somebody proposes.
INSERT INTO reserve_proposal (city, id, kind, state, approval, object, level, step, mode, rehearsal, factor_permille, from_day, due_day, why, legal_basis,
                              requested_by, requested_name, requested_at, leader, papers_due_at, paper, decided_by, decided_name, decided_at, note, made, chased)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, '', 0, '', 0, '', ?21, 0);

-- name: reserve_proposal_get  One proposal.
SELECT id, kind, state, approval, object, level, step, mode, rehearsal, factor_permille, from_day, due_day, why, legal_basis, requested_by, requested_name,
       requested_at, leader, papers_due_at, paper, decided_by, decided_name, decided_at, note, made, chased,
       (SELECT COUNT(*) FROM reserve_proposal_line l WHERE l.city = p.city AND l.proposal = p.id)
FROM reserve_proposal p WHERE city = ?1 AND id = ?2;

-- name: reserve_proposal_list  Proposals, newest first, before an id, of a kind (0: all); ?4 1: only those that wait for somebody.
SELECT id, kind, state, approval, object, level, step, mode, rehearsal, factor_permille, from_day, due_day, why, legal_basis, requested_by, requested_name,
       requested_at, leader, papers_due_at, paper, decided_by, decided_name, decided_at, note, made, chased,
       (SELECT COUNT(*) FROM reserve_proposal_line l WHERE l.city = p.city AND l.proposal = p.id)
FROM reserve_proposal p
WHERE city = ?1 AND id < ?2 AND (CAST(?3 AS BIGINT) = 0 OR kind = ?3) AND (CAST(?4 AS BIGINT) = 0 OR state IN (1, 5))
ORDER BY id DESC LIMIT ?5;

-- name: reserve_proposal_move  A proposal is decided or withdrawn.
UPDATE reserve_proposal SET state = ?3, decided_by = ?4, decided_name = ?5, decided_at = ?6, note = ?7, made = ?8
WHERE city = ?1 AND id = ?2 AND state IN (1, 5);

-- name: reserve_proposal_paper  The document number of a telephone order arrives.
UPDATE reserve_proposal SET paper = ?3, state = ?4 WHERE city = ?1 AND id = ?2 AND leader <> '' AND paper = '';

-- name: reserve_proposal_chase  Papers are missing past their time.
UPDATE reserve_proposal SET chased = chased + 1 WHERE city = ?1 AND id = ?2 AND state = 5;

-- name: reserve_standard_draft_insert  One version of a standard is proposed.
INSERT INTO reserve_proposal_line (city, proposal, id, item, place, level, from_day, basis, qty, cover_milli, lead_days, run, note)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, ?12);

-- name: reserve_standard_draft_of  Versions of standards that a proposal asks for.
SELECT item, place, from_day, id, basis, qty, cover_milli, lead_days, note, level
FROM reserve_proposal_line WHERE city = ?1 AND proposal = ?2 AND level > 0 ORDER BY id;
