-- The log as a person reads it in psql: names for ids, times that are always there, and of the
-- metadata what is asked for most. Programs read the tables.
SET LOCAL ROLE @owner@;

CREATE VIEW @schema@.event_list AS
SELECT l.position, s.name AS stream, l.version, l.type, l.recorded_at,
       coalesce(l.effective_at, l.recorded_at) AS effective_at,
       l.meta->>'actor' AS actor, l.command->>'name' AS command, l.payload, l.event_id AS id
FROM @schema@.log l
JOIN @schema@.streams s ON s.id = l.stream_id;

-- The first and the last row of a stream are found by index: one stream, or a page of them in order
-- of names, costs as little in a large store as in a small one.
CREATE VIEW @schema@.stream_summary AS
SELECT s.name AS stream, s.category, last.version, last.type AS last_type,
       first.recorded_at AS first_at, last.recorded_at AS last_at, s.corrected
FROM @schema@.streams s
CROSS JOIN LATERAL (SELECT l.recorded_at FROM @schema@.log l
                    WHERE l.stream_id = s.id ORDER BY l.version LIMIT 1) first
CROSS JOIN LATERAL (SELECT l.version, l.type, l.recorded_at FROM @schema@.log l
                    WHERE l.stream_id = s.id ORDER BY l.version DESC LIMIT 1) last;

GRANT SELECT ON @schema@.event_list, @schema@.stream_summary
    TO @app@, @projector@, @reader@, @auditor@;
