-- Where each projection stands: the position and the hash of the event there, so that a restored
-- or failed-over database is noticed, and the epoch that fences out a worker that was replaced.
SET LOCAL ROLE @owner@;

CREATE TABLE @schema@.checkpoints (
    projection text     COLLATE "C" NOT NULL,
    version    int      NOT NULL,
    build      text     COLLATE "C" NOT NULL DEFAULT 'live',  -- 'live', or 'rebuild' beside it
    lane       smallint NOT NULL DEFAULT 0,
    position   bigint   NOT NULL DEFAULT 0,
    hash       bytea    NOT NULL DEFAULT '\x0000000000000000000000000000000000000000000000000000000000000000',
    epoch      bigint   NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (projection, version, build, lane)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON @schema@.checkpoints TO @projector@;
GRANT SELECT ON @schema@.checkpoints TO @app@, @reader@, @auditor@;
