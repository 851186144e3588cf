-- The limit that posts on PostgreSQL are held against: one call posts `docs` documents of `lines` lines each, set by set, in plain SQL, writing the
-- same rows into the same tables and indexes as baogong does: counter, documents, movements, accounts, totals, days, answers, journal entries, bodies.
CREATE SEQUENCE bench_serial;
CREATE TABLE bench_account AS SELECT row_number() OVER (ORDER BY random()) AS n, city, place, item, status, lot, owner, bin, id
FROM stock_account WHERE status = 4 AND qty > 1000;
CREATE UNIQUE INDEX ON bench_account (n);
ANALYZE bench_account;
CREATE FUNCTION bench_post(docs int, lines int, body_bytes int, reply_bytes int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    whole int := (SELECT max(n) FROM bench_account);
    base bigint := 4611686018427387904 + nextval('bench_serial') * 1000000;
    here bigint := (SELECT city FROM bench_account LIMIT 1);
    now_ms bigint := 4000000000000 + currval('bench_serial');
    newest bigint;
BEGIN
    INSERT INTO ledger_counter VALUES (here, 2, 2090, docs)
    ON CONFLICT (city, kind, year) DO UPDATE SET last = ledger_counter.last + docs RETURNING last INTO newest;
    WITH pick AS MATERIALIZED (
        SELECT g, (g - 1) / lines AS doc, 1 + floor(random() * whole)::int AS a, 1 + floor(random() * whole)::int AS b FROM generate_series(1, docs * lines) g),
    line AS MATERIALIZED (
        SELECT p.g, p.doc, f.id AS from_id, t.id AS to_id, f.n AS from_n, t.n AS to_n, f.place
        FROM pick p JOIN bench_account f ON f.n = p.a JOIN bench_account t ON t.n = CASE WHEN p.b = p.a THEN p.a % whole + 1 ELSE p.b END),
    side AS MATERIALIZED (
        SELECT a.city, a.place, a.item, a.status, a.lot, a.owner, a.bin, sum(x.q) AS q
        FROM (SELECT from_n AS n, -1 AS q FROM line UNION ALL SELECT to_n, 1 FROM line) x JOIN bench_account a ON a.n = x.n
        GROUP BY a.city, a.place, a.item, a.status, a.lot, a.owner, a.bin),
    document AS (
        INSERT INTO ledger_document SELECT here, base + 500000 + doc, 2, 2090, newest - doc, '', min(place), 0, 0, lines, base + min(g), base + max(g),
            now_ms, now_ms, NULL, 1, decode(md5((base + doc)::text), 'hex'), '' FROM line GROUP BY doc),
    movement_row AS (
        INSERT INTO movement (city, id, document, line, from_account, to_account, qty, reason, occurred_at, recorded_at, late, actor, paid, reverses, note)
        SELECT here, base + g, base + 500000 + doc, g - doc * lines, from_id, to_id, 1, 8, now_ms, now_ms, 0, 1, 0, NULL, NULL FROM line),
    account AS (
        UPDATE stock_account a SET qty = a.qty + s.q, version = a.version + 1 FROM side s
        WHERE a.city = s.city AND a.place = s.place AND a.item = s.item AND a.status = s.status AND a.lot = s.lot AND a.owner = s.owner AND a.bin = s.bin),
    total AS (
        INSERT INTO stock_total SELECT city, item, place, status, owner, sum(q), 0 FROM side GROUP BY city, item, place, status, owner ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (city, item, place, status, owner) DO UPDATE SET qty = stock_total.qty + excluded.qty),
    on_day AS (
        INSERT INTO total_day SELECT city, 46000, place, item, status, owner, 46000, sum(q) FROM side GROUP BY city, place, item, status, owner ORDER BY 1, 3, 4, 5, 6
        ON CONFLICT (city, day, place, item, status, owner, known_day) DO UPDATE SET delta = total_day.delta + excluded.delta),
    answer AS (
        INSERT INTO op SELECT here, decode(md5((base + g)::text), 'hex'), 1, decode(repeat('00', 32), 'hex'), 201, '', repeat('x', reply_bytes), now_ms, 0, 0, 0
        FROM generate_series(0, docs - 1) g),
    entry AS (
        INSERT INTO journal_entry SELECT base + g, here, 'document.posted', 'document', base + 500000 + g, 1, now_ms, 0, decode(repeat('00', 32), 'hex'),
            decode(repeat('00', 32), 'hex') FROM generate_series(0, docs - 1) g)
    INSERT INTO journal_body SELECT base + g, decode(repeat('00', 16), 'hex'), repeat('x', body_bytes) FROM generate_series(0, docs - 1) g;
END $$;
