-- Followers are told of appends from SQL, and what the store is and which steps made it stays as it
-- was written.
--
-- A notice is part of the caller's transaction here: nobody else knows when that is committed. It
-- takes a lock of the whole server from just before COMMIT until the commit is on disk. Writers of
-- this store wait for each other that long anyway, by the position lock; batches of the library
-- send their notices beside their transactions and are not held up. Those held up are other
-- transactions that send notices, of any database of the server.
SET LOCAL ROLE @owner@;

ALTER FUNCTION @schema@.append_commit(uuid, text, text, text[], text[], int[], timestamptz[],
    text[], text[], bigint[], bytea[]) RENAME TO append_commit_untold;

-- For callers whose COMMIT nobody else sees: as before, and followers look at once.
CREATE FUNCTION @schema@.append_commit(
    command_id      uuid,           -- as append_commit_untold has them
    command         text,
    meta            text,
    streams         text[],
    types           text[],
    schema_versions int[],
    effective_ats   timestamptz[],
    payloads        text[],
    checked_streams text[],
    expectations    bigint[],
    expected_hashes bytea[],
    OUT first_position bigint,
    OUT recorded_us bigint,
    OUT versions bigint[],
    OUT hashes text,
    OUT known boolean,
    OUT conflict_stream text,
    OUT conflict_expected bigint,
    OUT conflict_version bigint
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT * INTO first_position, recorded_us, versions, hashes, known, conflict_stream,
                  conflict_expected, conflict_version
    FROM @schema@.append_commit_untold(command_id, command, meta, streams, types, schema_versions,
                                       effective_ats, payloads, checked_streams, expectations,
                                       expected_hashes);
    IF conflict_stream IS NULL AND NOT known THEN
        -- The server tells the same notice once a transaction, however often it is sent.
        PERFORM pg_notify(trim(BOTH '"' FROM '@schema@') || '_log', '');
    END IF;
END $$;

REVOKE ALL ON FUNCTION @schema@.append_commit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @schema@.append_commit TO @app@;

-- A store's id begins every hash chain. A step is recorded once, when it was applied.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON @schema@.store
    FOR EACH STATEMENT EXECUTE FUNCTION @schema@.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON @schema@.migrations
    FOR EACH STATEMENT EXECUTE FUNCTION @schema@.refuse_change();
