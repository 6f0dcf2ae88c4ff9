-- From version 5 on: rows that others were joined to, and the order of gaps by their numbers.

CREATE TABLE IF NOT EXISTS holder (
    -- The row in the outbox.
    id      INTEGER PRIMARY KEY,
    epoch   INTEGER NOT NULL,
    -- The first number that it stands for.
    since   INTEGER NOT NULL,
    -- The first number of its own.
    first   INTEGER NOT NULL,
    -- Numbers told as `thinned` whose records are in the row: of what is worth least, and others.
    least   INTEGER NOT NULL,
    others  INTEGER NOT NULL,
    -- CRC-32C over all other columns.
    crc     INTEGER NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS gap_order ON gap (class, epoch, first);
