-- Appending from SQL, as part of a transaction that does other things as well: your own tables and
-- the log are committed together. docs/guides/own-tables.md says how to use it.
--
-- append_commit() does for one small commit what the batcher and append() do for many: it judges
-- the expectations, numbers, hashes and writes, all under the position lock, which is held until
-- the end of the transaction. A loop, so for commits of some events, not for bulk.
SET LOCAL ROLE @owner@;

-- Length and bytes: F(x) of docs/reference/hash.md.
CREATE FUNCTION @schema@.hash_field(x bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT pg_catalog.int4send(pg_catalog.octet_length(x)) OPERATOR(pg_catalog.||) x;
$$;

CREATE FUNCTION @schema@.append_commit(
    command_id      uuid,           -- low 16 bits zero
    command         text,           -- canonical JSON, or null
    meta            text,           -- as it is to be stored
    streams         text[],         -- an event each
    types           text[],
    schema_versions int[],
    effective_ats   timestamptz[],
    payloads        text[],
    checked_streams text[],         -- expectations: each stream …
    expectations    bigint[],       -- … and its version; 0: none yet, −1: any but none, null: any
    expected_hashes bytea[],        -- … and the hash of its last event, null: any
    OUT first_position bigint,
    OUT recorded_us bigint,
    OUT versions bigint[],          -- an event each
    OUT hashes text,                -- of the events, hex, one after the other
    OUT known boolean,              -- nothing was written: the commit of this id begins there
    OUT conflict_stream text,       -- nothing was written: it is not as expected …
    OUT conflict_expected bigint,
    OUT conflict_version bigint     -- … but here
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    total    int := cardinality(streams);
    names    text[] := '{}';        -- of the streams in question: what stands there
    ids      bigint[] := '{}';
    heads    bigint[] := '{}';
    chains   bytea[] := '{}';
    store_id bytea;
    base     bigint;
    stamp    timestamptz;
    link     bytea;
    event_id uuid;
    chain    bytea;
    sealed   bytea := '';
    k        int;
BEGIN
    PERFORM @schema@.lock_positions();
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append needs READ COMMITTED, found %',
            current_setting('transaction_isolation') USING ERRCODE = 'invalid_transaction_state';
    END IF;
    IF total NOT BETWEEN 1 AND 1000 OR substring(uuid_send(command_id) FROM 15) <> '\x0000' THEN
        RAISE EXCEPTION 'a commit has 1 to 1000 events here, and an id with its low 16 bits zero'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    known := false;
    SELECT l.position INTO first_position FROM @schema@.log l
    WHERE l.event_id = command_id AND l.ordinal = 0;
    IF FOUND THEN
        known := true;
        RETURN;
    END IF;

    SELECT uuid_send(s.id) INTO store_id FROM @schema@.store s;
    SELECT array_agg(n.name), array_agg(coalesce(s.id, 0)), array_agg(coalesce(h.version, 0)),
           array_agg(coalesce(h.hash, sha256('recount/stream/1'::bytea
               || @schema@.hash_field(store_id)
               || @schema@.hash_field(convert_to(n.name, 'UTF8')))))
    INTO names, ids, heads, chains
    FROM (SELECT DISTINCT u.name FROM unnest(streams || checked_streams) AS u(name)) n
    LEFT JOIN @schema@.streams s ON s.name = n.name
    LEFT JOIN LATERAL (SELECT v.version, v.hash FROM @schema@.log v WHERE v.stream_id = s.id
                       ORDER BY v.version DESC LIMIT 1) h ON true;
    FOR i IN 1 .. cardinality(checked_streams) LOOP
        k := array_position(names, checked_streams[i]);
        IF (expectations[i] = -1 AND heads[k] = 0)
           OR (expectations[i] >= 0 AND heads[k] <> expectations[i])
           OR (expected_hashes[i] <> chains[k]) THEN
            conflict_stream := checked_streams[i];
            conflict_expected := expectations[i];
            conflict_version := heads[k];
            RETURN;
        END IF;
    END LOOP;

    SELECT l.last_position, l.recorded_at, l.link INTO base, stamp, link
    FROM @schema@.links l ORDER BY l.last_position DESC LIMIT 1;
    stamp := greatest(clock_timestamp(), stamp);
    recorded_us := (extract(epoch FROM stamp) * 1000000)::bigint;
    first_position := base + 1;
    versions := '{}';
    hashes := '';
    FOR i IN 1 .. total LOOP
        k := array_position(names, streams[i]);
        IF heads[k] = 0 THEN
            ids[k] := base + i;
            INSERT INTO @schema@.streams (id, name, category, slice, created_position)
            SELECT base + i, streams[i], split_part(streams[i], '-', 1),
                   ((get_byte(d.digest, 0) << 8) | get_byte(d.digest, 1)) & 1023, base + i
            FROM (SELECT sha256(convert_to(streams[i], 'UTF8')) AS digest) d;
        END IF;
        INSERT INTO @schema@.types (type, schema_version, first_position)
        SELECT types[i], schema_versions[i], base + i
        WHERE NOT EXISTS (SELECT FROM @schema@.types t
                          WHERE t.type = types[i] AND t.schema_version = schema_versions[i]);
        heads[k] := heads[k] + 1;
        event_id := encode(substring(uuid_send(command_id) FROM 1 FOR 14)
                           || substring(int4send(i - 1) FROM 3), 'hex')::uuid;
        chain := sha256('recount/event/1'::bytea || chains[k]
            || @schema@.hash_field(convert_to(streams[i], 'UTF8')) || int8send(heads[k])
            || @schema@.hash_field(uuid_send(event_id))
            || @schema@.hash_field(convert_to(types[i], 'UTF8')) || int8send(schema_versions[i])
            || @schema@.hash_field(coalesce(
                   int8send((extract(epoch FROM effective_ats[i]) * 1000000)::bigint), ''))
            || @schema@.hash_field(CASE WHEN i = 1 AND command IS NOT NULL
                                   THEN convert_to(command, 'UTF8') ELSE ''::bytea END)
            || @schema@.hash_field(convert_to(meta, 'UTF8'))
            || sha256(convert_to(payloads[i], 'UTF8')));
        chains[k] := chain;
        INSERT INTO @schema@.log (position, stream_id, version, event_id, ordinal, type,
                                  schema_version, commit_last, recorded_at, effective_at, command,
                                  payload, meta, hash)
        VALUES (base + i, ids[k], heads[k], event_id, i - 1, types[i], schema_versions[i],
                base + total, stamp, effective_ats[i],
                CASE WHEN i = 1 THEN command::json END, payloads[i]::json, meta::json, chain);
        versions := versions || heads[k];
        hashes := hashes || encode(chain, 'hex');
        sealed := sealed || int8send(base + total) || chain;
    END LOOP;
    link := sha256('recount/link/1'::bytea || link || int8send(base + 1) || int8send(base + total)
                   || int8send(recorded_us) || sealed);
    INSERT INTO @schema@.links (last_position, first_position, recorded_at, link)
    VALUES (base + total, base + 1, stamp, link);
END $$;

-- The rules that the library keeps before it sends anything (docs/reference/json.md), for JSON that
-- comes from elsewhere: what breaks them could be stored, and not be read again.
CREATE FUNCTION @schema@.check_payload(payload json) RETURNS void
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong text;
BEGIN
    IF octet_length(payload::text) > 1048576 THEN
        RAISE EXCEPTION 'a payload has at most 1048576 bytes, found %', octet_length(payload::text)
            USING ERRCODE = 'program_limit_exceeded';
    END IF;
    PERFORM payload::jsonb;  -- refuses \u0000 and half surrogates, which json lets through
    WITH RECURSIVE node(value, kind, level) AS (
        SELECT payload, json_typeof(payload), 1
        UNION ALL
        SELECT c.value, json_typeof(c.value), n.level + 1
        FROM node n CROSS JOIN LATERAL (
            SELECT o.value FROM json_each(CASE n.kind WHEN 'object' THEN n.value ELSE '{}' END) o
            UNION ALL
            SELECT a.value
            FROM json_array_elements(CASE n.kind WHEN 'array' THEN n.value ELSE '[]' END) a) c
        WHERE n.kind IN ('object', 'array') AND n.level <= 64)
    SELECT CASE
        WHEN n.level > 64 AND n.kind IN ('object', 'array') THEN 'more than 64 levels'
        WHEN n.kind = 'number' THEN 'an integer beyond 64 bits'
        ELSE 'a repeated key' END
    INTO wrong FROM node n
    WHERE (n.kind IN ('object', 'array') AND n.level > 64)
       OR (n.kind = 'number' AND n.value::text ~ '^-?[0-9]+$'
           AND n.value::text::numeric NOT BETWEEN -9223372036854775808 AND 18446744073709551615)
       OR (n.kind = 'object' AND (SELECT count(*) <> count(DISTINCT k)
                                  FROM json_object_keys(n.value) AS k))
    LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the payload has %', wrong USING ERRCODE = 'invalid_parameter_value';
    END IF;
END $$;

-- What a caller says of an event, in the order and form in which the library writes it.
CREATE FUNCTION @schema@.canonical_meta(meta json) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong text;
BEGIN
    IF json_typeof(meta) <> 'object' THEN
        RAISE EXCEPTION 'meta is an object' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM @schema@.check_payload(meta);
    SELECT m.key INTO wrong FROM json_each(meta) m
    WHERE m.key NOT IN ('correlation', 'causation', 'actor', 'basis', 'app', 'schema_id', 'x')
       OR json_typeof(m.value) <> CASE m.key WHEN 'basis' THEN 'number' WHEN 'x' THEN 'object'
                                             ELSE 'string' END;
    IF wrong IS NULL AND meta -> 'x' IS NOT NULL THEN
        SELECT 'x.' || x.key INTO wrong FROM json_each(meta -> 'x') x
        WHERE json_typeof(x.value) <> 'string';
    END IF;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'meta has no % of this kind; what is your own goes under x, as text', wrong
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN json_strip_nulls(json_build_object(
        'correlation', (meta ->> 'correlation')::uuid, 'causation', (meta ->> 'causation')::uuid,
        'actor', meta ->> 'actor', 'basis', (meta ->> 'basis')::bigint, 'app', meta ->> 'app',
        'schema_id', meta ->> 'schema_id',
        'x', (SELECT json_object_agg(x.key, x.value ORDER BY x.key COLLATE "C")
              FROM json_each(meta -> 'x') x)))::text;
END $$;

-- A UUIDv7 with its low 16 bits zero; from a key a UUIDv8; a key that is such an id stays as it is.
CREATE FUNCTION @schema@.command_id_of(key text, actor text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    bytes bytea;
    tick  bigint;   -- milliseconds, and 4,096ths of one in the low 12 bits
BEGIN
    IF key ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{8}0000$'
       AND key <> '00000000-0000-0000-0000-000000000000' THEN
        RETURN key::uuid;
    END IF;
    IF key IS NULL THEN
        tick := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 512 / 125;
        bytes := substring(int8send(tick << 4) FROM 1 FOR 6) || '\x0000'
              || substring(uuid_send(gen_random_uuid()) FROM 9 FOR 6);
        bytes := set_byte(set_byte(bytes, 6, 112 | ((tick >> 8) & 15)::int), 7, (tick & 255)::int);
    ELSE
        bytes := substring(sha256('recount/command/1\000'::bytea || convert_to(actor, 'UTF8')
                                  || '\000'::bytea || convert_to(key, 'UTF8')) FROM 1 FOR 14);
        bytes := set_byte(bytes, 6, (get_byte(bytes, 6) & 15) | 128);
        bytes := set_byte(bytes, 8, (get_byte(bytes, 8) & 63) | 128);
    END IF;
    RETURN encode(bytes || '\x0000', 'hex')::uuid;
END $$;

-- One event, for people. `key` makes it idempotent for ever: the same key with the same event has
-- the first result again. SQLSTATEs: RC002 the stream is not as expected, RC003 the key is taken.
CREATE FUNCTION @schema@.append_event(
    stream           text,
    expected_version bigint,             -- 0: no such stream yet; −1: there is one; null: any
    type             text,
    payload          json,
    meta             json DEFAULT '{}',
    key              text DEFAULT NULL,
    schema_version   int DEFAULT 1,
    effective_at     timestamptz DEFAULT NULL,
    OUT log_position   bigint,
    OUT stream_version bigint,
    OUT event_id       uuid,
    OUT repeated       boolean           -- the key was known: this is its first result
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    stored text;
    done   record;
    same   boolean;
BEGIN
    IF stream IS NULL OR stream !~ '^[a-z][a-z0-9_]{0,62}-.' OR stream ~ '[\x01-\x1f\x7f]'
       OR octet_length(stream) - strpos(stream, '-') > 200 THEN
        RAISE EXCEPTION 'a stream is named category-id, found %', quote_nullable(left(stream, 80))
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF type IS NULL OR octet_length(type) NOT BETWEEN 1 AND 200 OR type ~ '[\x01-\x1f\x7f]'
       OR starts_with(type, '$') THEN
        RAISE EXCEPTION 'an event type has 1 to 200 bytes without control characters, and no $ at '
            'its beginning' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF schema_version IS NULL OR schema_version < 1 OR expected_version < -1 OR payload IS NULL
       OR extract(year FROM effective_at AT TIME ZONE 'UTC') NOT BETWEEN 1 AND 9999
       OR NOT isfinite(effective_at) THEN
        RAISE EXCEPTION 'a payload is given, schema versions count from 1, expected versions from '
            '-1, and effective_at is within the years 1 to 9999'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM @schema@.check_payload(payload);
    event_id := @schema@.command_id_of(key, coalesce(meta ->> 'actor', ''));
    stored := @schema@.canonical_meta(meta);

    SELECT * INTO done FROM @schema@.append_commit(
        event_id, NULL, stored, ARRAY[stream], ARRAY[type], ARRAY[schema_version],
        ARRAY[effective_at], ARRAY[payload::text], ARRAY[stream], ARRAY[expected_version],
        ARRAY[NULL::bytea]);
    IF done.conflict_stream IS NOT NULL THEN
        RAISE EXCEPTION 'unable to append to %: expected %, %', stream,
            CASE expected_version WHEN 0 THEN 'no stream' WHEN -1 THEN 'an existing stream'
                                  ELSE 'version ' || expected_version END,
            CASE done.conflict_version WHEN 0 THEN 'the stream does not exist'
                                       ELSE 'stream is at ' || done.conflict_version END
            USING ERRCODE = 'RC002';
    END IF;
    log_position := done.first_position;
    repeated := done.known;
    IF NOT done.known THEN
        stream_version := done.versions[1];
        RETURN;
    END IF;
    SELECT l.version,
           l.commit_last = l.position AND l.command IS NULL AND s.name = append_event.stream
           AND l.type = append_event.type AND l.schema_version = append_event.schema_version
           AND l.effective_at IS NOT DISTINCT FROM append_event.effective_at
           AND l.payload::text = append_event.payload::text
           AND l.meta ->> 'actor' IS NOT DISTINCT FROM append_event.meta ->> 'actor'
    INTO stream_version, same
    FROM @schema@.log l JOIN @schema@.streams s ON s.id = l.stream_id
    WHERE l.position = done.first_position;
    IF NOT same THEN
        RAISE EXCEPTION 'the command id % is taken', event_id USING ERRCODE = 'RC003';
    END IF;
END $$;

-- Who holds the position lock, and who waits for it: a transaction that appends and is slow to
-- commit holds up every other writer. Times of other logins' sessions are shown to members of
-- pg_read_all_stats.
CREATE VIEW @schema@.position_lock AS
SELECT l.pid, CASE WHEN l.granted THEN 'holds' ELSE 'waits' END AS what,
       clock_timestamp() - CASE WHEN l.granted THEN a.xact_start ELSE l.waitstart END AS since,
       a.application_name, a.state, a.query
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = current_database()
LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.objsubid = 1
  AND (l.classid::bigint << 32) | l.objid::bigint
      = hashtextextended('recount.position.@schema@', 0)
ORDER BY l.granted DESC, l.waitstart;

REVOKE ALL ON FUNCTION @schema@.hash_field, @schema@.append_commit, @schema@.check_payload,
    @schema@.canonical_meta, @schema@.command_id_of, @schema@.append_event FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @schema@.append_commit, @schema@.append_event TO @app@;
GRANT SELECT ON @schema@.position_lock TO @app@, @projector@, @reader@, @auditor@;
