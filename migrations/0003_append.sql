-- The one way to write the log. The caller has planned a batch against the heads of its streams as
-- of `known_at`: versions, hashes and positions relative to the batch are finished. Under the
-- position lock only the tail (known_at, head] is looked at. If a touched stream moved there, the
-- moved streams are returned with their heads and nothing is written; else the rows are written.
--
-- `known_link` is the link at `known_at`, which covers the whole log up to there. A server that was
-- restored or failed over may have lost a tail that the caller knows, and grown again since: a
-- caller whose link is not found here (SQLSTATE RC001) must forget every head it knows.
--
-- One statement a concern, all of them set-wise: loops and per-row checks in plpgsql cost three
-- times as much. Each statement sees what was committed before it (VOLATILE, READ COMMITTED), so
-- what follows the lock sees everything that was appended before the lock was had.
SET LOCAL ROLE @owner@;

-- Whoever must not be outrun, or appends as part of a larger transaction, takes it beforehand, as
-- the first statement and with no other lock beside it.
CREATE FUNCTION @schema@.lock_positions() RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT pg_catalog.pg_advisory_xact_lock(
        pg_catalog.hashtextextended('recount.position.@schema@', 0));
$$;

CREATE FUNCTION @schema@.append(
    known_at        bigint,
    known_link      bytea,
    touched_ids     bigint[],       -- existing streams that are written or only checked
    absent_names    text[],         -- streams, written or checked, that did not exist at known_at
    new_names       text[],         -- of these, the ones this batch creates …
    new_firsts      bigint[],       -- … and the relative position of their first row
    stream_refs     bigint[],       -- a row each: id, or −(relative position of the first row)
    versions        bigint[],
    event_ids       uuid[],
    ordinals        smallint[],
    types           text[],
    schema_versions int[],
    commit_lasts    bigint[],       -- relative, from 1
    effective_ats   timestamptz[],
    commands        text[],
    payloads        text[],
    metas           text[],
    hashes          bytea[]
) RETURNS TABLE (head bigint, recorded_us bigint, link bytea, moved text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    base     bigint;
    total    bigint := cardinality(versions);
    previous bytea;
    stamp    timestamptz;
    us       bigint;
    changed  text;
BEGIN
    PERFORM @schema@.lock_positions();
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append needs READ COMMITTED, found %',
            current_setting('transaction_isolation') USING ERRCODE = 'invalid_transaction_state';
    END IF;
    SELECT l.last_position, l.recorded_at, l.link INTO base, stamp, previous
    FROM @schema@.links l ORDER BY l.last_position DESC LIMIT 1;

    IF NOT EXISTS (SELECT FROM @schema@.links k
                   WHERE k.last_position = known_at AND k.link = known_link) THEN
        RAISE EXCEPTION 'the log has no link % at position %: it was restored or failed over',
            encode(known_link, 'hex'), known_at USING ERRCODE = 'RC001';
    END IF;
    IF base > known_at THEN
        SELECT json_agg(json_build_object('name', s.name, 'id', s.id, 'version', h.version,
                                          'hash', encode(h.hash, 'hex')))::text INTO changed
        FROM (SELECT DISTINCT t.stream_id AS id FROM @schema@.log t
              WHERE t.position > known_at AND t.stream_id = ANY (touched_ids)
              UNION
              SELECT n.id FROM @schema@.streams n WHERE n.name = ANY (absent_names)) m
        JOIN @schema@.streams s ON s.id = m.id
        CROSS JOIN LATERAL (SELECT v.version, v.hash FROM @schema@.log v
                            WHERE v.stream_id = s.id ORDER BY v.version DESC LIMIT 1) h;
        IF changed IS NOT NULL THEN
            RETURN QUERY SELECT base, 0::bigint, previous, changed;
            RETURN;
        END IF;
    END IF;

    stamp := greatest(clock_timestamp(), stamp);
    us := (extract(epoch FROM stamp) * 1000000)::bigint;
    IF cardinality(new_names) > 0 THEN
        INSERT INTO @schema@.streams (id, name, category, slice, created_position)
        SELECT base + n.first, n.name, split_part(n.name, '-', 1),
               ((get_byte(d.digest, 0) << 8) | get_byte(d.digest, 1)) & 1023, base + n.first
        FROM unnest(new_names, new_firsts) AS n(name, first)
        CROSS JOIN LATERAL (SELECT sha256(convert_to(n.name, 'UTF8')) AS digest) d;
    END IF;
    INSERT INTO @schema@.types (type, schema_version, first_position)
    SELECT t.type, t.schema_version, base + min(t.relative)
    FROM unnest(types, schema_versions) WITH ORDINALITY AS t(type, schema_version, relative)
    WHERE NOT EXISTS (SELECT FROM @schema@.types k
                      WHERE k.type = t.type AND k.schema_version = t.schema_version)
    GROUP BY t.type, t.schema_version;
    INSERT INTO @schema@.log (position, stream_id, version, event_id, ordinal, type,
                              schema_version, commit_last, recorded_at, effective_at, command,
                              payload, meta, hash)
    SELECT base + r.relative, CASE WHEN r.ref < 0 THEN base - r.ref ELSE r.ref END, r.version,
           r.event_id, r.ordinal, r.type, r.schema_version, base + r.commit_last, stamp,
           r.effective_at, r.command::json, r.payload::json, r.meta::json, r.hash
    FROM unnest(stream_refs, versions, event_ids, ordinals, types, schema_versions, commit_lasts,
                effective_ats, commands, payloads, metas, hashes)
         WITH ORDINALITY AS r(ref, version, event_id, ordinal, type, schema_version, commit_last,
                              effective_at, command, payload, meta, hash, relative);
    SELECT sha256('recount/link/1'::bytea || previous || int8send(base + 1)
                  || int8send(base + total) || int8send(us)
                  || string_agg(int8send(base + r.commit_last) || r.hash, ''::bytea
                                ORDER BY r.relative))
    INTO previous
    FROM unnest(commit_lasts, hashes) WITH ORDINALITY AS r(commit_last, hash, relative);
    INSERT INTO @schema@.links (last_position, first_position, recorded_at, link)
    VALUES (base + total, base + 1, stamp, previous);
    RETURN QUERY SELECT base, us, previous, NULL::text;
END $$;

REVOKE ALL ON FUNCTION @schema@.append, @schema@.lock_positions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION @schema@.append, @schema@.lock_positions TO @app@;
