-- Figures of the outbreak (疫情数字): cases of a day, people in zones and isolation sites, residents; each row is one version, a later one for
-- the same day, district, kind and name takes its place.
-- append-only
CREATE TABLE reserve_figure (
    city INT NOT NULL, -- the city that owns the row
    kind INT NOT NULL, -- enum reserve_figure_kind
    district INT NOT NULL, -- division code as a number; 0: the city as a whole
    day INT NOT NULL, -- city date (days since 1970-01-01) it is of, or from which it holds
    id INT NOT NULL, -- server id
    name TEXT NOT NULL, -- name of the zone, site or driver; empty: the district as a whole
    value INT NOT NULL, -- people, cases, samples …
    mark INT NOT NULL, -- enum reserve_figure_mark: 1 reported, 2 derived, 3 recalled
    note TEXT NOT NULL, -- source or remark
    recorded_at INT NOT NULL, -- when it was recorded
    recorded_by INT NOT NULL, -- account of the person; 0 the system
    PRIMARY KEY (city, kind, district, day, id)
) STRICT, WITHOUT ROWID;

-- The newest entries first.
CREATE INDEX reserve_figure_recent ON reserve_figure (city, id);

-- Test rounds (大筛): each row is one version of a round.
-- append-only
CREATE TABLE reserve_round (
    city INT NOT NULL, -- the city that owns the row
    round INT NOT NULL, -- the round: id of its first version
    id INT NOT NULL, -- server id of this version
    name TEXT NOT NULL, -- what it is called, for example 第三轮
    day INT NOT NULL, -- city date on which it is sampled
    state INT NOT NULL, -- enum reserve_round_state: 1 planned, 2 ordered, 3 done, 4 called off
    share_permille INT NOT NULL, -- share of the residents that is sampled, in thousandths
    districts TEXT NOT NULL, -- division codes with blanks between them; empty: the whole city
    sampled INT NOT NULL, -- people sampled; -1: not known
    positive INT NOT NULL, -- positives found; -1: not known
    mark INT NOT NULL, -- enum reserve_figure_mark
    note TEXT NOT NULL, -- source or remark
    recorded_at INT NOT NULL, -- when it was recorded
    recorded_by INT NOT NULL, -- account of the person; 0 the system
    PRIMARY KEY (city, round, id)
) STRICT, WITHOUT ROWID;
