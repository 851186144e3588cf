-- Statements of people, rights and sessions. Every one leads with the city.

-- name: auth_city_insert
INSERT INTO city (id, code, name_zh, name_en, offset_min, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
-- name: auth_city_update
UPDATE city SET code = ?2, name_zh = ?3, name_en = ?4, offset_min = ?5 WHERE id = ?1;
-- name: auth_city_get
SELECT code, name_zh, name_en, offset_min FROM city WHERE id = ?1;
-- name: auth_city_by_code
SELECT id FROM city WHERE code = ?1;
-- name: auth_city_only  The first city; a second row tells that there are several.
SELECT id FROM city ORDER BY created_at, id LIMIT 2;

-- name: auth_city_all
SELECT id FROM city ORDER BY id;

-- name: auth_policy_insert
INSERT INTO auth_policy (city, password, factor, idle_min, device_idle_min, session_min, epoch) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1);
-- name: auth_policy_update
UPDATE auth_policy SET password = ?2, factor = ?3, idle_min = ?4, device_idle_min = ?5, session_min = ?6 WHERE city = ?1;
-- name: auth_policy_get
SELECT password, factor, idle_min, device_idle_min, session_min, epoch FROM auth_policy WHERE city = ?1;
-- name: auth_epoch_get
SELECT epoch FROM auth_policy WHERE city = ?1;
-- name: auth_epoch_bump
UPDATE auth_policy SET epoch = epoch + 1 WHERE city = ?1;

-- name: auth_district_put
INSERT INTO district (city, id, kind, name_zh, name_en) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (city, id) DO UPDATE SET kind = excluded.kind, name_zh = excluded.name_zh, name_en = excluded.name_en;
-- name: auth_district_get
SELECT kind, name_zh, name_en FROM district WHERE city = ?1 AND id = ?2;
-- name: auth_district_list
SELECT id, kind, name_zh, name_en FROM district WHERE city = ?1 AND id > ?2 ORDER BY id LIMIT ?3;

-- name: auth_organisation_insert
INSERT INTO organisation (city, id, kind, name_zh, name_en, credit_code, district, state, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
-- name: auth_organisation_update
UPDATE organisation SET kind = ?3, name_zh = ?4, name_en = ?5, credit_code = ?6, district = ?7, state = ?8 WHERE city = ?1 AND id = ?2;
-- name: auth_organisation_get
SELECT id, kind, name_zh, name_en, credit_code, district, state FROM organisation WHERE city = ?1 AND id = ?2;
-- name: auth_organisation_by_code
SELECT id, kind FROM organisation WHERE city = ?1 AND credit_code = ?2;
-- name: auth_organisation_list
SELECT id, kind, name_zh, name_en, credit_code, district, state FROM organisation WHERE city = ?1 AND id > ?2 AND (?3 = '' OR kind = ?3)
ORDER BY id LIMIT ?4;
-- name: auth_organisation_list @postgres
SELECT id, kind, name_zh, name_en, credit_code, district, state FROM organisation
WHERE city = ?1 AND id > ?2 AND (?3::text = '' OR kind = ?3::text) ORDER BY id LIMIT ?4;

-- name: auth_account_insert
INSERT INTO account (city, id, login, name, phone, organisation, district, state, password, password_at, must_change, factor_step, epoch,
                     created_at, created_by)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'invited', '', NULL, 0, 0, ?8, ?9, ?10);
-- name: auth_account_update
UPDATE account SET name = ?3, phone = ?4, organisation = ?5, district = ?6, epoch = ?7 WHERE city = ?1 AND id = ?2;
-- name: auth_account_state
UPDATE account SET state = ?3, epoch = ?4 WHERE city = ?1 AND id = ?2;
-- name: auth_account_epoch
UPDATE account SET epoch = ?3 WHERE city = ?1 AND id = ?2;
-- name: auth_account_epoch_all
UPDATE account SET epoch = ?2 WHERE city = ?1;
-- name: auth_account_password
UPDATE account SET password = ?3, password_at = ?4, must_change = ?5, epoch = ?6, state = CASE WHEN state = 'invited' THEN 'active' ELSE state END
WHERE city = ?1 AND id = ?2;
-- name: auth_account_rehash
UPDATE account SET password = ?3 WHERE city = ?1 AND id = ?2;
-- name: auth_account_signed_in
UPDATE account SET signed_in_at = ?3 WHERE city = ?1 AND id = ?2;
-- name: auth_account_get
SELECT id, login, name, phone, organisation, district, state, must_change, factor_secret, created_at, signed_in_at, epoch, password, password_at
FROM account WHERE city = ?1 AND id = ?2;
-- name: auth_account_by_login
SELECT id, state, password, factor_secret, factor_step, epoch, signed_in_at, name FROM account WHERE city = ?1 AND login = ?2;
-- name: auth_account_list
SELECT id, login, name, phone, organisation, district, state, must_change, factor_secret, created_at, signed_in_at, epoch, password, password_at
FROM account WHERE city = ?1 AND id > ?2 ORDER BY id LIMIT ?3;
-- name: auth_account_admins  Active accounts with the whole city's admin role, apart from one.
SELECT count(*) FROM role_grant g JOIN account a ON a.city = g.city AND a.id = g.account
WHERE g.city = ?1 AND g.role = 'admin' AND g.scope = 'city' AND g.ended_at IS NULL AND (g.to_at IS NULL OR g.to_at > ?2) AND g.id <> ?3
  AND a.state = 'active' AND a.id <> ?4;

-- name: auth_history_insert
INSERT INTO password_history (city, account, at, password) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (city, account, at) DO NOTHING;
-- name: auth_history_list
SELECT password FROM password_history WHERE city = ?1 AND account = ?2 ORDER BY at DESC LIMIT 5;

-- name: auth_factor_pending
UPDATE account SET factor_pending = ?3 WHERE city = ?1 AND id = ?2;
-- name: auth_factor_confirm
UPDATE account SET factor_secret = ?3, factor_pending = NULL, factor_step = ?4 WHERE city = ?1 AND id = ?2;
-- name: auth_factor_clear
UPDATE account SET factor_secret = NULL, factor_pending = NULL, factor_step = 0, epoch = ?3 WHERE city = ?1 AND id = ?2;
-- name: auth_factor_step  Only forward: a code works once, also when two requests race.
UPDATE account SET factor_step = ?3 WHERE city = ?1 AND id = ?2 AND factor_step < ?3;
-- name: auth_factor_get
SELECT factor_secret, factor_pending, factor_step FROM account WHERE city = ?1 AND id = ?2;
-- name: auth_recovery_clear
DELETE FROM recovery_code WHERE city = ?1 AND account = ?2;
-- name: auth_recovery_insert
INSERT INTO recovery_code (city, account, hash, used_at) VALUES (?1, ?2, ?3, NULL);
-- name: auth_recovery_use
UPDATE recovery_code SET used_at = ?4 WHERE city = ?1 AND account = ?2 AND hash = ?3 AND used_at IS NULL;
-- name: auth_recovery_find
SELECT 1 FROM recovery_code WHERE city = ?1 AND account = ?2 AND hash = ?3 AND used_at IS NULL;

-- name: auth_grant_insert
INSERT INTO role_grant (city, id, account, role, scope, scope_id, from_at, to_at, granted_by, granted_at, reason)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);
-- name: auth_grant_end
UPDATE role_grant SET ended_at = ?3, ended_by = ?4 WHERE city = ?1 AND id = ?2 AND ended_at IS NULL;
-- name: auth_grant_get
SELECT id, account, role, scope, scope_id, from_at, to_at, granted_by, granted_at, reason, ended_at FROM role_grant WHERE city = ?1 AND id = ?2;
-- name: auth_grant_in_force  What a session is judged by.
SELECT id, role, scope, scope_id, from_at, to_at FROM role_grant
WHERE city = ?1 AND account = ?2 AND ended_at IS NULL AND (to_at IS NULL OR to_at > ?3) ORDER BY id;
-- name: auth_grant_of_account
SELECT id, account, role, scope, scope_id, from_at, to_at, granted_by, granted_at, reason, ended_at FROM role_grant
WHERE city = ?1 AND account = ?2 AND id > ?3 ORDER BY id LIMIT ?4;
-- name: auth_grant_list
SELECT id, account, role, scope, scope_id, from_at, to_at, granted_by, granted_at, reason, ended_at FROM role_grant
WHERE city = ?1 AND id > ?2 ORDER BY id LIMIT ?3;
-- name: auth_grant_same
SELECT id FROM role_grant WHERE city = ?1 AND account = ?2 AND role = ?3 AND scope = ?4 AND scope_id = ?5 AND ended_at IS NULL
  AND (to_at IS NULL OR to_at > ?6);
-- name: auth_grant_givers  Whom to ask: active people with a role in the whole city.
SELECT DISTINCT a.id, a.name FROM role_grant g JOIN account a ON a.city = g.city AND a.id = g.account
WHERE g.city = ?1 AND g.role = 'admin' AND g.ended_at IS NULL AND g.from_at <= ?2 AND (g.to_at IS NULL OR g.to_at > ?2) AND a.state = 'active'
  AND (g.scope = 'city' OR (g.scope = 'district' AND g.scope_id = ?3))
ORDER BY a.id LIMIT 10;

-- name: auth_session_insert
INSERT INTO session (city, id, hash, account, device, factor, origin, agent, created_at, seen_at, idle_ms, ends_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9, ?10, ?11);
-- name: auth_session_load  A session with its account and the city's policy.
SELECT s.id, s.account, s.device, s.factor, s.origin, s.seen_at, s.idle_ms, s.ends_at, s.ended_at,
       a.login, a.name, a.state, a.must_change, a.password_at, a.epoch, p.epoch, p.factor, p.password
FROM session s JOIN account a ON a.city = s.city AND a.id = s.account JOIN auth_policy p ON p.city = s.city
WHERE s.city = ?1 AND s.hash = ?2;
-- name: auth_session_alive  The account's epoch while the session may go on.
SELECT a.epoch, s.seen_at, s.idle_ms, s.ends_at FROM session s JOIN account a ON a.city = s.city AND a.id = s.account
WHERE s.city = ?1 AND s.id = ?2 AND s.ended_at IS NULL AND a.state = 'active';
-- name: auth_session_touch :many
UPDATE session SET seen_at = ?3 WHERE city = ?1 AND id = ?2 AND seen_at < ?3;
-- name: auth_session_touch @postgres :many
UPDATE session SET seen_at = t.at FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[]) AS t(city, id, at)
WHERE session.city = t.city AND session.id = t.id AND session.seen_at < t.at;
-- name: auth_session_end
UPDATE session SET ended_at = ?3, ended_why = ?4 WHERE city = ?1 AND id = ?2 AND ended_at IS NULL;
-- name: auth_session_end_all  All of one account, apart from one (0: none apart).
UPDATE session SET ended_at = ?3, ended_why = ?4 WHERE city = ?1 AND account = ?2 AND ended_at IS NULL AND id <> ?5;
-- name: auth_session_get
SELECT id, account, device, factor, origin, agent, created_at, seen_at, idle_ms, ends_at, ended_at FROM session WHERE city = ?1 AND id = ?2;
-- name: auth_session_list
SELECT id, account, device, factor, origin, agent, created_at, seen_at, idle_ms, ends_at, ended_at FROM session
WHERE city = ?1 AND account = ?2 AND id > ?3 AND ended_at IS NULL AND ends_at > ?4 ORDER BY id LIMIT ?5;
-- name: auth_session_sweep  Ended long ago; the journal keeps who came and went.
DELETE FROM session WHERE city = ?1 AND ends_at < ?2;

-- name: auth_device_insert
INSERT INTO device (city, id, hash, name, place, state, created_at, created_by) VALUES (?1, ?2, ?3, ?4, ?5, 'active', ?6, ?7);
-- name: auth_device_by_hash
SELECT id FROM device WHERE city = ?1 AND hash = ?2 AND state = 'active';
-- name: auth_device_seen
UPDATE device SET seen_at = ?3 WHERE city = ?1 AND id = ?2;
-- name: auth_device_retire
UPDATE device SET state = 'retired' WHERE city = ?1 AND id = ?2 AND state = 'active';
-- name: auth_device_sessions
UPDATE session SET ended_at = ?3, ended_why = 'revoked' WHERE city = ?1 AND device = ?2 AND ended_at IS NULL;
-- name: auth_device_get
SELECT id, name, place, state, created_at, created_by, seen_at FROM device WHERE city = ?1 AND id = ?2;
-- name: auth_device_list
SELECT id, name, place, state, created_at, created_by, seen_at FROM device WHERE city = ?1 AND id > ?2 ORDER BY id LIMIT ?3;

-- name: auth_key_insert
INSERT INTO api_key (city, id, hash, account, name, rights, created_at, created_by, ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
-- name: auth_key_load
SELECT k.id, k.account, k.rights, k.ends_at, k.ended_at, a.login, a.name, a.state, a.epoch, p.epoch
FROM api_key k JOIN account a ON a.city = k.city AND a.id = k.account JOIN auth_policy p ON p.city = k.city
WHERE k.city = ?1 AND k.hash = ?2;
-- name: auth_key_alive
SELECT a.epoch, k.ends_at FROM api_key k JOIN account a ON a.city = k.city AND a.id = k.account
WHERE k.city = ?1 AND k.id = ?2 AND k.ended_at IS NULL AND a.state = 'active';
-- name: auth_key_end
UPDATE api_key SET ended_at = ?3 WHERE city = ?1 AND id = ?2 AND ended_at IS NULL;
-- name: auth_key_get
SELECT id, account, name, rights, created_at, created_by, ends_at, ended_at FROM api_key WHERE city = ?1 AND id = ?2;
-- name: auth_key_list
SELECT id, account, name, rights, created_at, created_by, ends_at, ended_at FROM api_key WHERE city = ?1 AND id > ?2 ORDER BY id LIMIT ?3;

-- name: auth_link_insert
INSERT INTO one_time_link (city, id, hash, purpose, account, device_name, place, created_at, created_by, ends_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);
-- name: auth_link_load
SELECT id, purpose, account, device_name, place, ends_at, used_at FROM one_time_link WHERE city = ?1 AND hash = ?2;
-- name: auth_link_use  One winner, also when two requests race.
UPDATE one_time_link SET used_at = ?3 WHERE city = ?1 AND id = ?2 AND used_at IS NULL;
-- name: auth_link_end_older  A new link for an account ends those before.
UPDATE one_time_link SET used_at = ?3 WHERE city = ?1 AND account = ?2 AND used_at IS NULL;
-- name: auth_link_sweep
DELETE FROM one_time_link WHERE city = ?1 AND ends_at < ?2;

-- name: auth_throttle_get
SELECT failures, last_at, free_at FROM auth_throttle WHERE city = ?1 AND key = ?2;
-- name: auth_throttle_put
INSERT INTO auth_throttle (city, key, failures, last_at, free_at) VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT (city, key) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at, free_at = excluded.free_at;
-- name: auth_throttle_sweep
DELETE FROM auth_throttle WHERE city = ?1 AND last_at < ?2;

-- name: auth_approval_insert
INSERT INTO approval (city, id, kind, object, object_id, summary_zh, summary_en, digest, needed, state, requested_by, requested_at, ends_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'open', ?10, ?11, ?12);
-- name: auth_approval_get
SELECT id, kind, object, object_id, summary_zh, summary_en, digest, needed, state, requested_by, requested_at, ends_at, decided_at, used_at
FROM approval WHERE city = ?1 AND id = ?2;
-- name: auth_approval_list
SELECT id, kind, object, object_id, summary_zh, summary_en, digest, needed, state, requested_by, requested_at, ends_at, decided_at, used_at
FROM approval WHERE city = ?1 AND state = ?2 AND id > ?3 ORDER BY id LIMIT ?4;
-- name: auth_approval_move
UPDATE approval SET state = ?3, decided_at = ?4 WHERE city = ?1 AND id = ?2 AND state = 'open';
-- name: auth_approval_use
UPDATE approval SET used_at = ?3 WHERE city = ?1 AND id = ?2 AND state = 'approved' AND used_at IS NULL;
-- name: auth_vote_insert
INSERT INTO approval_vote (city, approval, account, agrees, note, voted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6);
-- name: auth_vote_yes
SELECT count(*) FROM approval_vote WHERE city = ?1 AND approval = ?2 AND agrees = 1;
-- name: auth_vote_list
SELECT account, agrees, note, voted_at FROM approval_vote WHERE city = ?1 AND approval = ?2 ORDER BY voted_at, account;
