-- append() of a single event to a stream that exists, by a caller who knows the end of the log:
-- each value by itself, since an array costs as much as the row. If the log has grown meanwhile,
-- or for an entry of a restructure, it has append() do it.
SET LOCAL ROLE @owner@;

CREATE FUNCTION @schema@.append_one(
    vouched_at       bigint,         -- the end of the log, as in append(); the head holds here …
    vouched_link     bytea,
    stream_id        bigint,
    version          bigint,         -- … and is the one before
    event_id         uuid,
    type             text,           -- is in `types`
    schema_version   int,
    effective_at     timestamptz,
    command          text,
    payload          text,
    meta             text,
    hash             bytea,
    OUT head bigint, OUT recorded_us bigint, OUT link bytea, OUT moved text, OUT held_us bigint,
    OUT spent_us bigint
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    began timestamptz;
    stamp timestamptz;
    seals_set boolean;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('recount.position.@schema@', 0));
    began := clock_timestamp();
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append needs READ COMMITTED, found %',
            current_setting('transaction_isolation') USING ERRCODE = 'invalid_transaction_state';
    END IF;
    SELECT l.last_position, l.recorded_at, l.link, EXISTS (SELECT FROM @schema@.seals)
    INTO head, stamp, link, seals_set
    FROM @schema@.links l ORDER BY l.last_position DESC LIMIT 1;
    IF head IS DISTINCT FROM vouched_at OR link IS DISTINCT FROM vouched_link
       OR type = '$restructured' THEN
        SELECT a.head, a.recorded_us, a.link, a.moved, a.held_us, a.spent_us
        INTO head, recorded_us, link, moved, held_us, spent_us
        FROM @schema@.append(vouched_at, vouched_at, vouched_link, ARRAY[stream_id],
                             ARRAY[version - 1], '{}', '{}', '{}', ARRAY[type],
                             ARRAY[schema_version], '{}', ARRAY[stream_id], ARRAY[version],
                             ARRAY[event_id], '{}', '{}', '{}', ARRAY[effective_at],
                             ARRAY[command], ARRAY[payload], ARRAY[meta], ARRAY[hash]) a;
        RETURN;
    END IF;
    stamp := greatest(began, stamp);
    recorded_us := (extract(epoch FROM stamp) * 1000000)::bigint;
    INSERT INTO @schema@.log (position, stream_id, version, event_id, ordinal, type,
                              schema_version, commit_last, recorded_at, effective_at, command,
                              payload, meta, hash)
    VALUES (head + 1, append_one.stream_id, append_one.version, append_one.event_id, 0,
            append_one.type, append_one.schema_version, head + 1, stamp, append_one.effective_at,
            append_one.command::json, append_one.payload::json, append_one.meta::json,
            append_one.hash);
    IF seals_set THEN
        PERFORM @schema@.check_seals(head + 1, head + 1);
    END IF;
    link := sha256('recount/link/1'::bytea || link || int8send(head + 1) || int8send(head + 1)
                   || int8send(recorded_us) || int8send(head + 1) || hash);
    INSERT INTO @schema@.links (last_position, first_position, recorded_at, link)
    VALUES (head + 1, head + 1, stamp, append_one.link);
    stamp := clock_timestamp();
    held_us := (extract(epoch FROM stamp - began) * 1000000)::bigint;
    spent_us := (extract(epoch FROM stamp - transaction_timestamp()) * 1000000)::bigint;
END $$;

REVOKE ALL ON FUNCTION @schema@.append_one FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @schema@.append_one TO @app@;
