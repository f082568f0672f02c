-- Restructures are found without a look at the rest of the log; and what became of the rows of
-- projections is kept for those who follow them.
SET LOCAL ROLE @owner@;

-- Their rows alone: of what anybody else appends, only the type is compared.
CREATE INDEX log_restructured ON @schema@.log (position) WHERE type = '$restructured';

-- Projections whose changes are kept: those behind `since`.
CREATE TABLE @schema@.row_changes_kept (
    projection text   COLLATE "C" NOT NULL,
    version    int    NOT NULL,
    since      bigint NOT NULL,
    PRIMARY KEY (projection, version)
);
-- Written with the rows in one transaction, in order of what is told; never changed.
CREATE TABLE @schema@.row_changes (
    projection text    COLLATE "C" NOT NULL,
    version    int     NOT NULL,
    k          bigint  NOT NULL,  -- the event or restructure that the row was last told of
    ordinal    int     NOT NULL,  -- within k
    removed    boolean NOT NULL,
    content    json    NOT NULL,  -- the row; of one that was removed, its key
    PRIMARY KEY (projection, version, k, ordinal)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON @schema@.row_changes_kept TO @projector@;
GRANT SELECT, INSERT, DELETE ON @schema@.row_changes TO @projector@;
GRANT SELECT ON @schema@.row_changes_kept, @schema@.row_changes TO @app@, @reader@, @auditor@;
