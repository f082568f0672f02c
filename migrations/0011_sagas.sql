-- What sagas and reactors have still to do: instances, timers, and the outbox.
--
-- The log is what is true of a saga; these tables are written after it, by the role that follows
-- the feed, in one transaction with the checkpoint (of `checkpoints`: 'saga:NAME', which no
-- projection can be called). All but one thing could be made anew from the log: which effects were
-- sent is known from the outbox alone, so no effect is ever deleted.
SET LOCAL ROLE @owner@;

CREATE TABLE @schema@.saga_instances (
    saga       text        COLLATE "C" NOT NULL,
    instance   text        COLLATE "C" NOT NULL,
    status     text        COLLATE "C" NOT NULL
               CHECK (status IN ('running', 'parked', 'diverged', 'ended')),
    version    bigint      NOT NULL,             -- of its stream, when this row was written
    updated_at timestamptz NOT NULL,
    because    text        NOT NULL DEFAULT '',  -- why it is parked, diverged, or was ended by hand
    PRIMARY KEY (saga, instance)
) WITH (fillfactor = 80);
-- Few, and asked for with every claim.
CREATE INDEX saga_instances_in_trouble ON @schema@.saga_instances (status, saga, instance)
    WHERE status IN ('parked', 'diverged');

CREATE TABLE @schema@.timers (
    saga           text        COLLATE "C" NOT NULL,
    instance       text        COLLATE "C" NOT NULL,
    name           text        COLLATE "C" NOT NULL,
    key            uuid        NOT NULL,         -- of its one firing
    due_at         timestamptz NOT NULL,
    type           text        COLLATE "C" NOT NULL,
    schema_version int         NOT NULL,
    payload        json        NOT NULL,
    correlation    uuid,
    PRIMARY KEY (saga, instance, name)
);
CREATE INDEX timers_due ON @schema@.timers (saga, due_at, key);

CREATE TABLE @schema@.outbox (
    number        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key           uuid        NOT NULL UNIQUE,   -- command id, or Idempotency-Key of an effect
    kind          text        COLLATE "C" NOT NULL CHECK (kind IN ('command', 'effect')),
    saga          text        COLLATE "C" NOT NULL,
    instance      text        COLLATE "C" NOT NULL,
    trigger       uuid        NOT NULL,          -- the input that led to it
    ordinal       int         NOT NULL,          -- among the outputs of that input
    type          text        COLLATE "C" NOT NULL,
    body          json        NOT NULL,
    -- One after the other of those that have the same; a command of an instance: the instance.
    order_key     text        COLLATE "C" NOT NULL,
    due_at        timestamptz NOT NULL,
    correlation   uuid,
    caused_at     bigint      NOT NULL,          -- position of the input
    status        text        COLLATE "C" NOT NULL DEFAULT 'waiting'
                  CHECK (status IN ('waiting', 'done', 'dead', 'withdrawn')),
    attempts      int         NOT NULL DEFAULT 0,
    last_error    text        NOT NULL DEFAULT '',
    settled_at    timestamptz,
    superseded_by text,                          -- the restructure that took its cause away
    claims        int         NOT NULL DEFAULT 0,
    claimed_until timestamptz                    -- a worker has it, unless that is past
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
-- In none of these is anything that a claim changes.
CREATE INDEX outbox_commands_due ON @schema@.outbox (saga, due_at, number)
    WHERE status = 'waiting' AND kind = 'command';
CREATE INDEX outbox_effects_due ON @schema@.outbox (due_at, number)
    WHERE status = 'waiting' AND kind = 'effect';
CREATE INDEX outbox_order ON @schema@.outbox (kind, saga, order_key, number)
    WHERE status = 'waiting' AND order_key <> '';
CREATE INDEX outbox_effects_of ON @schema@.outbox (saga, instance, number) WHERE kind = 'effect';
CREATE INDEX outbox_dead ON @schema@.outbox (number) WHERE status = 'dead';

CREATE TRIGGER append_only BEFORE DELETE ON @schema@.outbox
    FOR EACH ROW WHEN (OLD.kind = 'effect') EXECUTE FUNCTION @schema@.refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON @schema@.outbox
    FOR EACH STATEMENT EXECUTE FUNCTION @schema@.refuse_change();

GRANT SELECT, INSERT, UPDATE, DELETE ON @schema@.saga_instances, @schema@.timers TO @projector@;
-- What a message says stays as it was entered.
GRANT SELECT, INSERT, DELETE,
    UPDATE (due_at, status, attempts, last_error, settled_at, superseded_by, claims, claimed_until)
    ON @schema@.outbox TO @projector@;
GRANT SELECT ON @schema@.saga_instances, @schema@.timers, @schema@.outbox
    TO @app@, @reader@, @auditor@;
