-- How far each process's ids may have run, so that a clock set back never gives one twice.
CREATE TABLE id_mark (
    node INT NOT NULL, -- number of the process, a part of its ids
    last INT NOT NULL, -- no id above this running number was ever committed
    PRIMARY KEY (node)
) STRICT, WITHOUT ROWID;
