-- The log: one row an event, written by append() alone (0003), never changed afterwards.
SET LOCAL ROLE @owner@;

CREATE TABLE @schema@.streams (
    id               bigint   PRIMARY KEY,           -- position of its first row
    name             text     COLLATE "C" NOT NULL,
    category         text     COLLATE "C" NOT NULL,
    slice            smallint NOT NULL,              -- of 1,024, from SHA-256 of the name
    corrected        boolean  NOT NULL DEFAULT false,-- flips once, at its first restructure
    created_position bigint   NOT NULL
);
CREATE UNIQUE INDEX streams_name ON @schema@.streams (name);
CREATE INDEX streams_category ON @schema@.streams (category, name);

CREATE TABLE @schema@.log (
    position       bigint      NOT NULL,             -- 1, 2, 3 … dense, in order of commit
    stream_id      bigint      NOT NULL,
    version        bigint      NOT NULL,             -- 1, 2, 3 … in its stream
    event_id       uuid        NOT NULL,             -- low 16 bits: ordinal in the commit
    ordinal        smallint    NOT NULL,
    type           text        COLLATE "C" NOT NULL,
    schema_version int         NOT NULL,
    commit_last    bigint      NOT NULL,             -- last position of its commit
    recorded_at    timestamptz NOT NULL,             -- one a batch, never goes back
    effective_at   timestamptz,                      -- null: recorded_at
    command        json,                             -- only in the row with ordinal 0
    payload        json        NOT NULL,             -- json, not jsonb: the bytes are hashed
    meta           json        NOT NULL,
    hash           bytea       NOT NULL,
    CONSTRAINT log_position PRIMARY KEY (position)
);
CREATE UNIQUE INDEX log_stream_version ON @schema@.log (stream_id, version);
-- A command, its result and any event are found by this small index: every command, once for ever.
CREATE UNIQUE INDEX log_event_id ON @schema@.log (event_id) WHERE ordinal = 0;

-- Each pair that was ever written, so that a program can say at its start what it does not know.
CREATE TABLE @schema@.types (
    type           text   COLLATE "C" NOT NULL,
    schema_version int    NOT NULL,
    first_position bigint NOT NULL,
    PRIMARY KEY (type, schema_version)
);

-- One row a batch: covers place, commit bounds and time, which the event hash leaves open. The row
-- at position 0 is the genesis.
CREATE TABLE @schema@.links (
    last_position  bigint      PRIMARY KEY,
    first_position bigint      NOT NULL,
    recorded_at    timestamptz NOT NULL,
    link           bytea       NOT NULL
);
INSERT INTO @schema@.links
SELECT 0, 0, created_at, sha256('recount/links/1'::bytea || int4send(16) || uuid_send(id))
FROM @schema@.store;

CREATE FUNCTION @schema@.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the log is append-only: % of %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- `corrected` flips once, from false to true; nothing else of a stream ever changes.
CREATE FUNCTION @schema@.refuse_stream_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.corrected AND NOT OLD.corrected
       AND (NEW.id, NEW.name, NEW.category, NEW.slice, NEW.created_position)
         = (OLD.id, OLD.name, OLD.category, OLD.slice, OLD.created_position) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the log is append-only: % of %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON @schema@.log
    FOR EACH STATEMENT EXECUTE FUNCTION @schema@.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON @schema@.types
    FOR EACH STATEMENT EXECUTE FUNCTION @schema@.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON @schema@.links
    FOR EACH STATEMENT EXECUTE FUNCTION @schema@.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON @schema@.streams
    FOR EACH STATEMENT EXECUTE FUNCTION @schema@.refuse_change();
CREATE TRIGGER append_only_rows BEFORE UPDATE ON @schema@.streams
    FOR EACH ROW EXECUTE FUNCTION @schema@.refuse_stream_change();

GRANT SELECT ON @schema@.log, @schema@.streams, @schema@.types, @schema@.links
    TO @app@, @projector@, @reader@, @auditor@;
