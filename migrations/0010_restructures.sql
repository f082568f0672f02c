-- Restructures in the log, and periods that are closed.
--
-- append() and append_commit() are as in 0005 and 0006 but for two lines each: what a restructure
-- changes beside the log is noted, and what lies in a sealed period is refused. An ordinary batch
-- pays for looking into an array, and into a table that is mostly empty.
SET LOCAL ROLE @owner@;

-- Whoever closes a period says so here; the newest row of a category holds. Nothing is changed or
-- taken away, so that to open one again is told as well.
CREATE TABLE @schema@.seals (
    id        bigint      PRIMARY KEY,            -- 1, 2, 3 … in order of sealing
    category  text        COLLATE "C" NOT NULL,  -- empty: the seal by position
    until     timestamptz,                       -- what happened until then; null: nothing
    through   bigint      NOT NULL,              -- by position: events up to there are closed
    actor     text        NOT NULL,
    because   text        NOT NULL,
    sealed_at timestamptz NOT NULL,
    head      bigint      NOT NULL,              -- the end of the log at that time
    CHECK (CASE category WHEN '' THEN until IS NULL AND through >= 0 ELSE through = 0 END)
);
CREATE INDEX seals_newest ON @schema@.seals (category, id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON @schema@.seals
    FOR EACH STATEMENT EXECUTE FUNCTION @schema@.refuse_change();
GRANT SELECT ON @schema@.seals TO @app@, @projector@, @reader@, @auditor@;

-- Taken before the position lock by whoever restructures or seals: a restructure is judged by the
-- seals and the history that hold when it is committed.
CREATE FUNCTION @schema@.lock_restructures() RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT pg_catalog.pg_advisory_xact_lock(
        pg_catalog.hashtextextended('recount.restructures.@schema@', 0));
$$;

CREATE FUNCTION @schema@.seal(
    category text,
    until    timestamptz,
    through  bigint,
    actor    text,
    because  text,
    OUT sealed_at timestamptz, OUT head bigint
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM @schema@.lock_restructures();
    PERFORM @schema@.lock_positions();
    SELECT l.last_position INTO head
    FROM @schema@.links l ORDER BY l.last_position DESC LIMIT 1;
    IF through > head THEN
        RETURN;  -- sealed_at is null: there is no such position
    END IF;
    sealed_at := clock_timestamp();
    INSERT INTO @schema@.seals (id, category, until, through, actor, because, sealed_at, head)
    SELECT coalesce(max(s.id), 0) + 1, seal.category, seal.until, seal.through, seal.actor,
           seal.because, seal.sealed_at, seal.head
    FROM @schema@.seals s;
END $$;

CREATE FUNCTION @schema@.instant(t timestamptz) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
$$;

-- Refuses the rows of a batch that happened in a closed period of their category. What the
-- framework writes for itself is judged where it is made.
CREATE FUNCTION @schema@.check_seals(first bigint, last bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    culprit record;
BEGIN
    SELECT s.name, s.category, e.until, coalesce(l.effective_at, l.recorded_at) AS happened
    INTO culprit
    FROM @schema@.log l
    JOIN @schema@.streams s ON s.id = l.stream_id
    JOIN (SELECT DISTINCT ON (n.category) n.category, n.until FROM @schema@.seals n
          ORDER BY n.category, n.id DESC) e ON e.category = s.category
    WHERE l.position BETWEEN first AND last AND NOT starts_with(l.type, '$')
      AND coalesce(l.effective_at, l.recorded_at) <= e.until
    ORDER BY l.position LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'unable to append to %: it happened at %, and % is sealed until %',
            culprit.name, @schema@.instant(culprit.happened), culprit.category,
            @schema@.instant(culprit.until) USING ERRCODE = 'RC004';
    END IF;
END $$;

-- Streams that are to be read corrected from now on, and types that only a correction speaks of.
CREATE FUNCTION @schema@.note_restructures(first bigint, last bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE @schema@.streams s SET corrected = true
    WHERE NOT s.corrected
      AND s.id = ANY (ARRAY(SELECT l.stream_id FROM @schema@.log l
                            WHERE l.position BETWEEN first AND last
                              AND l.type = '$restructured'));
    INSERT INTO @schema@.types (type, schema_version, first_position)
    SELECT c.type, c.schema_version::int, min(c.position)
    FROM (SELECT l.position, o.value #>> '{content,type}' AS type,
                 o.value #>> '{content,schema_version}' AS schema_version
          FROM @schema@.log l
          CROSS JOIN LATERAL json_array_elements(
              CASE json_typeof(l.payload -> 'ops') WHEN 'array' THEN l.payload -> 'ops'
                                                   ELSE '[]' END) AS o(value)
          WHERE l.position BETWEEN first AND last AND l.type = '$restructured') c
    WHERE c.type <> '' AND c.schema_version ~ '^[1-9][0-9]{0,8}$'
      AND NOT EXISTS (SELECT FROM @schema@.types k WHERE k.type = c.type
                      AND k.schema_version = c.schema_version::int)
    GROUP BY c.type, c.schema_version;
END $$;

CREATE OR REPLACE FUNCTION @schema@.append(
    known_at         bigint,         -- all heads of the plan hold as of here or later
    vouched_at       bigint,         -- the newest end of the log that the caller knows …
    vouched_link     bytea,          -- … and the link there
    touched_ids      bigint[],       -- existing streams that are written or only checked …
    touched_versions bigint[],       -- … and where they stand in the plan
    absent_names     text[],         -- streams, written or checked, that did not exist at known_at
    new_names        text[],         -- of these, the ones this batch creates …
    new_firsts       bigint[],       -- … and the relative position of their first row
    type_names       text[],         -- each pair of type and schema version in the batch, once
    type_versions    int[],
    stream_refs      bigint[],       -- a row each: id, or −(relative position of the first row)
    versions         bigint[],
    event_ids        uuid[],
    ordinals         smallint[],
    type_refs        int[],          -- index, from 1, into the pairs above
    commit_lasts     bigint[],       -- relative, from 1
    effective_ats    timestamptz[],
    commands         text[],
    payloads         text[],
    metas            text[],
    hashes           bytea[],
    OUT head bigint, OUT recorded_us bigint, OUT link bytea, OUT moved text, OUT held_us bigint,
    OUT spent_us bigint
)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    total    int := cardinality(versions);
    began    timestamptz;
    stamp    timestamptz;
    sealed   bytea;
    suspects bigint[] := touched_ids;
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

    IF known_at IS NULL OR known_at > vouched_at OR head IS DISTINCT FROM vouched_at
       OR link IS DISTINCT FROM vouched_link THEN
        IF known_at IS NULL OR known_at > vouched_at OR NOT EXISTS (
            SELECT FROM @schema@.links k
            WHERE k.last_position = vouched_at AND k.link = vouched_link) THEN
            RAISE EXCEPTION 'the log has no link % at position %: it was restored or failed over',
                encode(vouched_link, 'hex'), vouched_at USING ERRCODE = 'RC001';
        END IF;
    END IF;
    IF head > known_at THEN
        -- A row of the tail costs a sixteenth of looking a stream up.
        IF head - known_at <= 16 * cardinality(touched_ids) THEN
            suspects := ARRAY(SELECT DISTINCT t.stream_id FROM @schema@.log t
                              WHERE t.position > known_at AND t.stream_id = ANY (touched_ids));
        END IF;
        SELECT json_agg(json_build_object('name', s.name, 'id', s.id, 'version', h.version,
                                          'hash', encode(h.hash, 'hex')))::text INTO moved
        FROM (SELECT t.id, t.version FROM unnest(touched_ids, touched_versions) AS t(id, version)
              WHERE t.id = ANY (suspects)
              UNION ALL
              SELECT n.id, 0 FROM @schema@.streams n WHERE n.name = ANY (absent_names)) m
        JOIN @schema@.streams s ON s.id = m.id
        CROSS JOIN LATERAL (SELECT v.version, v.hash FROM @schema@.log v
                            WHERE v.stream_id = s.id ORDER BY v.version DESC LIMIT 1) h
        WHERE h.version IS DISTINCT FROM m.version;
        IF moved IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;

    IF cardinality(stream_refs) <> total OR cardinality(event_ids) <> total
       OR cardinality(ordinals) <> total OR cardinality(type_refs) <> total
       OR cardinality(commit_lasts) <> total OR cardinality(effective_ats) <> total
       OR cardinality(commands) <> total OR cardinality(payloads) <> total
       OR cardinality(metas) <> total OR cardinality(hashes) <> total THEN
        RAISE EXCEPTION 'a batch has as many of each column as it has rows'
            USING ERRCODE = 'array_subscript_error';
    END IF;
    stamp := greatest(began, stamp);
    recorded_us := (extract(epoch FROM stamp) * 1000000)::bigint;
    IF cardinality(new_names) > 0 THEN
        INSERT INTO @schema@.streams (id, name, category, slice, created_position)
        SELECT head + n.first, n.name, split_part(n.name, '-', 1),
               ((get_byte(d.digest, 0) << 8) | get_byte(d.digest, 1)) & 1023, head + n.first
        FROM unnest(new_names, new_firsts) AS n(name, first)
        CROSS JOIN LATERAL (SELECT sha256(convert_to(n.name, 'UTF8')) AS digest) d;
    END IF;
    IF EXISTS (SELECT FROM unnest(type_names, type_versions) AS t(type, schema_version)
               WHERE NOT EXISTS (SELECT FROM @schema@.types k WHERE k.type = t.type
                                 AND k.schema_version = t.schema_version)) THEN
        INSERT INTO @schema@.types (type, schema_version, first_position)
        SELECT t.type, t.schema_version, head + min(r.relative)
        FROM unnest(type_names, type_versions) WITH ORDINALITY AS t(type, schema_version, ref)
        JOIN unnest(type_refs) WITH ORDINALITY AS r(ref, relative) ON r.ref = t.ref
        WHERE NOT EXISTS (SELECT FROM @schema@.types k
                          WHERE k.type = t.type AND k.schema_version = t.schema_version)
        GROUP BY t.type, t.schema_version;
    END IF;
    -- Elements by subscript: PL/pgSQL has taken the arrays apart, and unnest would copy each into
    -- a store of its own first.
    INSERT INTO @schema@.log (position, stream_id, version, event_id, ordinal, type,
                              schema_version, commit_last, recorded_at, effective_at, command,
                              payload, meta, hash)
    SELECT head + i,
           CASE WHEN stream_refs[i] < 0 THEN head - stream_refs[i] ELSE stream_refs[i] END,
           versions[i], event_ids[i], ordinals[i], type_names[type_refs[i]],
           type_versions[type_refs[i]], head + commit_lasts[i], stamp, effective_ats[i],
           commands[i]::json, payloads[i]::json, metas[i]::json, hashes[i]
    FROM generate_series(1, total) AS i;
    IF '$restructured' = ANY (type_names) THEN
        PERFORM @schema@.note_restructures(head + 1, head + total);
    END IF;
    IF seals_set THEN
        PERFORM @schema@.check_seals(head + 1, head + total);
    END IF;

    IF total = 1 THEN
        sealed := int8send(head + commit_lasts[1]) || hashes[1];
    ELSE
        SELECT string_agg(int8send(head + commit_lasts[i]) || hashes[i], ''::bytea ORDER BY i)
        INTO sealed FROM generate_series(1, total) AS i;
    END IF;
    link := sha256('recount/link/1'::bytea || link || int8send(head + 1) || int8send(head + total)
                   || int8send(recorded_us) || sealed);
    INSERT INTO @schema@.links (last_position, first_position, recorded_at, link)
    VALUES (head + total, head + 1, stamp, append.link);
    stamp := clock_timestamp();
    held_us := (extract(epoch FROM stamp - began) * 1000000)::bigint;
    spent_us := (extract(epoch FROM stamp - transaction_timestamp()) * 1000000)::bigint;
END $$;

CREATE OR REPLACE FUNCTION @schema@.append_commit_untold(
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
    seals_set boolean;
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

    SELECT l.last_position, l.recorded_at, l.link, EXISTS (SELECT FROM @schema@.seals)
    INTO base, stamp, link, seals_set
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
    IF '$restructured' = ANY (types) THEN
        PERFORM @schema@.note_restructures(base + 1, base + total);
    END IF;
    IF seals_set THEN
        PERFORM @schema@.check_seals(base + 1, base + total);
    END IF;
    link := sha256('recount/link/1'::bytea || link || int8send(base + 1) || int8send(base + total)
                   || int8send(recorded_us) || sealed);
    INSERT INTO @schema@.links (last_position, first_position, recorded_at, link)
    VALUES (base + total, base + 1, stamp, link);
END $$;

REVOKE ALL ON FUNCTION @schema@.lock_restructures, @schema@.seal, @schema@.instant,
    @schema@.check_seals, @schema@.note_restructures FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @schema@.lock_restructures, @schema@.seal TO @app@;
