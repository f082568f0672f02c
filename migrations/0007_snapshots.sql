-- States of aggregates, so that a long stream need not be read from its beginning. A cache that any
-- row, or all, may vanish from: the application's role writes it, outside the transactions of
-- appends, and every reader checks that a row fits before it believes it.
SET LOCAL ROLE @owner@;

CREATE TABLE @schema@.snapshots (
    stream_id     bigint NOT NULL,                   -- streams.id
    aggregate     text   COLLATE "C" NOT NULL,       -- category of the aggregate
    state_version int    NOT NULL,                   -- of the program that wrote it
    shape         bytea  NOT NULL,                   -- SHA-256 of the state's description
    version       bigint NOT NULL,                   -- events of the stream that are in the state
    hash          bytea  NOT NULL,                   -- of the last of them
    as_of         bigint NOT NULL,                   -- position that the state is valid at
    state         json   NOT NULL,
    PRIMARY KEY (stream_id, aggregate)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON @schema@.snapshots TO @app@;
GRANT SELECT ON @schema@.snapshots TO @projector@, @reader@, @auditor@;
