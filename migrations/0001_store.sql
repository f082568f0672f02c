-- The store: its roles, its schema, the record of its migrations, and its identity.
--
-- Run by the login; from 0002 on, steps begin with SET LOCAL ROLE. The roles never log in: every
-- connection comes in with a login of its own and sets the role of its work.

DO $roles$
DECLARE
    login  text := quote_ident(session_user);
    quoted text;
    wanted name;
BEGIN
    FOREACH quoted IN ARRAY ARRAY['@owner@', '@app@', '@projector@', '@reader@', '@auditor@'] LOOP
        wanted := trim(BOTH '"' FROM quoted);
        -- Looked up first: CREATE ROLE refuses a login without CREATEROLE even if the role exists.
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE 'CREATE ROLE ' || quoted || ' NOLOGIN NOINHERIT';
                -- Store a in database b_c and store a_b in database c would have the same roles:
                -- the comment tells them apart (migrate reads it).
                EXECUTE 'COMMENT ON ROLE ' || quoted || ' IS '
                     || quote_literal('store ' || @store@ || ' of database ' || current_database());
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- roles belong to all databases: somebody else was faster
            END;
        END IF;
        -- PostgreSQL 16 and later give the creator of a role the right to grant it, but not to set
        -- it. Without INHERIT the login does not write the log by merely being a member.
        IF current_setting('server_version_num')::int >= 160000 THEN
            IF NOT pg_has_role(session_user, wanted, 'SET') THEN
                EXECUTE 'GRANT ' || quoted || ' TO ' || login || ' WITH SET TRUE, INHERIT FALSE';
            END IF;
        ELSIF NOT pg_has_role(session_user, wanted, 'MEMBER') THEN
            EXECUTE 'GRANT ' || quoted || ' TO ' || login;
        END IF;
    END LOOP;
END
$roles$;

CREATE SCHEMA @schema@ AUTHORIZATION @owner@;

SET LOCAL ROLE @owner@;

REVOKE ALL ON SCHEMA @schema@ FROM PUBLIC;
-- Functions are open to everybody unless that is taken back before they are made.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT USAGE ON SCHEMA @schema@ TO @app@, @projector@, @reader@, @auditor@;
-- The tables of projections are made by, and belong to, the role that fills them.
GRANT CREATE ON SCHEMA @schema@ TO @projector@;

CREATE TABLE @schema@.migrations (
    number     int         PRIMARY KEY,
    name       text        NOT NULL,
    checksum   text        NOT NULL,                 -- SHA-256 of the step's text, hex
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE @schema@.store (
    single     boolean     PRIMARY KEY DEFAULT true CHECK (single),  -- one row
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),       -- begins every hash chain
    name       text        NOT NULL,
    format     int         NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO @schema@.store (name, format) VALUES (@store@, 1);

GRANT SELECT ON @schema@.migrations, @schema@.store TO @app@, @projector@, @reader@, @auditor@;

SET LOCAL ROLE @projector@;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA @schema@ GRANT SELECT ON TABLES TO @app@, @reader@, @auditor@;
