-- append() as in 0013, but for what need not be told or looked up in most batches: a caller vouches
-- for the types that it has seen in this log, and leaves out columns that say nothing.
SET LOCAL ROLE @owner@;

CREATE OR REPLACE FUNCTION @schema@.append(
    known_at         bigint,         -- all heads of the plan hold as of here or later
    vouched_at       bigint,         -- the newest end of the log that the caller knows …
    vouched_link     bytea,          -- … and the link there
    touched_ids      bigint[],       -- existing streams that are written or only checked …
    touched_versions bigint[],       -- … and where they stand in the plan
    absent_names     text[],         -- streams, written or checked, that did not exist at known_at
    new_names        text[],         -- of these, the ones this batch creates …
    new_firsts       bigint[],       -- … and the relative position of their first row
    type_names       text[],         -- each pair of type and schema version in the batch, once …
    type_versions    int[],          -- … negative if the caller knows it to be among `types`
    stream_refs      bigint[],       -- a row each: id, or −(relative position of the first row)
    versions         bigint[],
    event_ids        uuid[],
    ordinals         smallint[],     -- none, and no commit_lasts: each row is a commit
    type_refs        int[],          -- index, from 1, into the pairs above; none: all the first
    commit_lasts     bigint[],       -- relative, from 1
    effective_ats    timestamptz[],  -- none: all null
    commands         text[],         -- none: all null
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
            -- By position, whatever the planner makes of it: `+ 0` keeps it off the streams' index,
            -- by which all events of all these streams would be read.
            suspects := ARRAY(SELECT DISTINCT t.stream_id FROM @schema@.log t
                              WHERE t.position > known_at AND t.stream_id + 0 = ANY (touched_ids));
        END IF;
        IF cardinality(suspects) > 0 OR cardinality(absent_names) > 0 THEN
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
    END IF;

    IF cardinality(stream_refs) <> total OR cardinality(event_ids) <> total
       OR cardinality(payloads) <> total OR cardinality(metas) <> total
       OR cardinality(hashes) <> total OR cardinality(ordinals) <> cardinality(commit_lasts)
       OR cardinality(ordinals) NOT IN (0, total) OR cardinality(type_refs) NOT IN (0, total)
       OR cardinality(effective_ats) NOT IN (0, total)
       OR cardinality(commands) NOT IN (0, total) THEN
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
    IF 0 < ANY (type_versions) THEN
        INSERT INTO @schema@.types (type, schema_version, first_position)
        SELECT t.type, t.schema_version, head + min(r.relative)
        FROM unnest(type_names, type_versions) WITH ORDINALITY AS t(type, schema_version, ref)
        JOIN (SELECT coalesce(type_refs[i], 1), i FROM generate_series(1, total) AS i)
            AS r(ref, relative) ON r.ref = t.ref
        WHERE t.schema_version > 0 AND NOT EXISTS (
            SELECT FROM @schema@.types k
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
           versions[i], event_ids[i], coalesce(ordinals[i], 0::smallint),
           type_names[coalesce(type_refs[i], 1)], abs(type_versions[coalesce(type_refs[i], 1)]),
           head + coalesce(commit_lasts[i], i), stamp, effective_ats[i],
           commands[i]::json, payloads[i]::json, metas[i]::json, hashes[i]
    FROM generate_series(1, total) AS i;
    IF '$restructured' = ANY (type_names) THEN
        PERFORM @schema@.note_restructures(head + 1, head + total);
    END IF;
    IF seals_set THEN
        PERFORM @schema@.check_seals(head + 1, head + total);
    END IF;

    IF total = 1 THEN
        sealed := int8send(head + coalesce(commit_lasts[1], 1)) || hashes[1];
    ELSE
        SELECT string_agg(int8send(head + coalesce(commit_lasts[i], i)) || hashes[i], ''::bytea
                          ORDER BY i)
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
