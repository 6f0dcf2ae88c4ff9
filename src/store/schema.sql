-- The outbox, schema version 1.
--
-- What changes with every commit is kept in one small table, so that a commit touches few pages.

CREATE TABLE counter (
    -- 0..4: next sequence of the class with that number; 10: next row; 11: epoch; from version 3 on
    -- 12: rows up to this one may have been sent; 13, 14: how far thinning came;
    -- 15..18: how far a salvage came, and where this database's numbering begins, while it goes on;
    -- 20..24: rows of the class up to this one may have been handed out with times of a clock that nothing vouched for.
    key     INTEGER PRIMARY KEY,
    value   INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    id      INTEGER PRIMARY KEY,
    class   INTEGER NOT NULL,
    epoch   INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    -- CRC-32C over all other columns.
    crc     INTEGER NOT NULL,
    payload BLOB    NOT NULL
) STRICT;

-- Sequence numbers that were given out and will never be sent.
CREATE TABLE gap (
    id      INTEGER PRIMARY KEY,
    class   INTEGER NOT NULL,
    epoch   INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    reason  TEXT    NOT NULL
) STRICT;

-- Rows whose checksum is wrong, as they were found.
CREATE TABLE quarantine (
    id      INTEGER PRIMARY KEY,
    class   ANY,
    epoch   ANY,
    first   ANY,
    count   ANY,
    crc     ANY,
    payload ANY
) STRICT;
