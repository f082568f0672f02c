CREATE TABLE "recount"."account_balances__v1" (
    "account" text COLLATE "C" NOT NULL,
    "balance_minor" bigint NOT NULL,
    "balance_currency" char(3) NOT NULL,
    "movements" bigint NOT NULL,
    "last_movement_on" date,
    _position bigint NOT NULL,
    _group text COLLATE "C" NOT NULL,
    PRIMARY KEY ("account")
);
CREATE INDEX ON "recount"."account_balances__v1" (_group, "account");
COMMENT ON TABLE "recount"."account_balances__v1" IS '"account" text COLLATE "C" NOT NULL, "balance_minor" bigint NOT NULL, "balance_currency" char(3) NOT NULL, "movements" bigint NOT NULL, "last_movement_on" date, _position bigint NOT NULL, _group text COLLATE "C" NOT NULL, PRIMARY KEY ("account")';
DROP VIEW IF EXISTS "recount"."account_balances";
CREATE VIEW "recount"."account_balances" AS SELECT "account", "balance_minor", "balance_currency", "movements", "last_movement_on", _position FROM "recount"."account_balances__v1";

CREATE TABLE "recount"."deposits_by_day__v1" (
    "day" date NOT NULL,
    "account" text COLLATE "C" NOT NULL,
    "amount_minor" bigint NOT NULL,
    "amount_currency" char(3) NOT NULL,
    "deposits" bigint NOT NULL,
    _position bigint NOT NULL,
    _weight bigint NOT NULL,
    PRIMARY KEY ("day", "account")
);
COMMENT ON TABLE "recount"."deposits_by_day__v1" IS '"day" date NOT NULL, "account" text COLLATE "C" NOT NULL, "amount_minor" bigint NOT NULL, "amount_currency" char(3) NOT NULL, "deposits" bigint NOT NULL, _position bigint NOT NULL, _weight bigint NOT NULL, PRIMARY KEY ("day", "account")';
DROP VIEW IF EXISTS "recount"."deposits_by_day";
CREATE VIEW "recount"."deposits_by_day" AS SELECT "day", "account", "amount_minor", "amount_currency", "deposits", _position FROM "recount"."deposits_by_day__v1";

CREATE TABLE "recount"."statement_lines__v1" (
    "account" text COLLATE "C" NOT NULL,
    "line" bigint NOT NULL,
    "on" date NOT NULL,
    "kind" text COLLATE "C" NOT NULL,
    "amount_minor" bigint NOT NULL,
    "amount_currency" char(3) NOT NULL,
    "balance_minor" bigint NOT NULL,
    "balance_currency" char(3) NOT NULL,
    "stated_balance_minor" bigint,
    "stated_balance_currency" char(3),
    "reference" text COLLATE "C",
    _position bigint NOT NULL,
    _group text COLLATE "C" NOT NULL,
    PRIMARY KEY ("account", "line")
);
CREATE INDEX ON "recount"."statement_lines__v1" (_group, "account", "line");
COMMENT ON TABLE "recount"."statement_lines__v1" IS '"account" text COLLATE "C" NOT NULL, "line" bigint NOT NULL, "on" date NOT NULL, "kind" text COLLATE "C" NOT NULL, "amount_minor" bigint NOT NULL, "amount_currency" char(3) NOT NULL, "balance_minor" bigint NOT NULL, "balance_currency" char(3) NOT NULL, "stated_balance_minor" bigint, "stated_balance_currency" char(3), "reference" text COLLATE "C", _position bigint NOT NULL, _group text COLLATE "C" NOT NULL, PRIMARY KEY ("account", "line")';
DROP VIEW IF EXISTS "recount"."statement_lines";
CREATE VIEW "recount"."statement_lines" AS SELECT "account", "line", "on", "kind", "amount_minor", "amount_currency", "balance_minor", "balance_currency", "stated_balance_minor", "stated_balance_currency", "reference", _position FROM "recount"."statement_lines__v1";

CREATE TABLE "recount"."transfers__v1" (
    "transfer" text COLLATE "C" NOT NULL,
    "from" text COLLATE "C" NOT NULL,
    "to" text COLLATE "C" NOT NULL,
    "amount_minor" bigint NOT NULL,
    "amount_currency" char(3) NOT NULL,
    "status" text COLLATE "C" NOT NULL,
    "requested_at" timestamptz NOT NULL,
    "ended_at" timestamptz,
    "because" text COLLATE "C",
    _position bigint NOT NULL,
    _group text COLLATE "C" NOT NULL,
    PRIMARY KEY ("transfer")
);
CREATE INDEX ON "recount"."transfers__v1" (_group, "transfer");
COMMENT ON TABLE "recount"."transfers__v1" IS '"transfer" text COLLATE "C" NOT NULL, "from" text COLLATE "C" NOT NULL, "to" text COLLATE "C" NOT NULL, "amount_minor" bigint NOT NULL, "amount_currency" char(3) NOT NULL, "status" text COLLATE "C" NOT NULL, "requested_at" timestamptz NOT NULL, "ended_at" timestamptz, "because" text COLLATE "C", _position bigint NOT NULL, _group text COLLATE "C" NOT NULL, PRIMARY KEY ("transfer")';
DROP VIEW IF EXISTS "recount"."transfers";
CREATE VIEW "recount"."transfers" AS SELECT "transfer", "from", "to", "amount_minor", "amount_currency", "status", "requested_at", "ended_at", "because", _position FROM "recount"."transfers__v1";

CREATE TABLE "recount"."transfers_under_way__v1" (
    "transfer" text COLLATE "C" NOT NULL,
    "amount_minor" bigint NOT NULL,
    "amount_currency" char(3) NOT NULL,
    _position bigint NOT NULL,
    _weight bigint NOT NULL,
    PRIMARY KEY ("transfer")
);
COMMENT ON TABLE "recount"."transfers_under_way__v1" IS '"transfer" text COLLATE "C" NOT NULL, "amount_minor" bigint NOT NULL, "amount_currency" char(3) NOT NULL, _position bigint NOT NULL, _weight bigint NOT NULL, PRIMARY KEY ("transfer")';
DROP VIEW IF EXISTS "recount"."transfers_under_way";
CREATE VIEW "recount"."transfers_under_way" AS SELECT "transfer", "amount_minor", "amount_currency", _position FROM "recount"."transfers_under_way__v1";

CREATE TABLE "recount"."standing_orders__v1" (
    "order" text COLLATE "C" NOT NULL,
    "account" text COLLATE "C" NOT NULL,
    "to" text COLLATE "C" NOT NULL,
    "amount_minor" bigint NOT NULL,
    "amount_currency" char(3) NOT NULL,
    "first_on" date NOT NULL,
    "purpose" text COLLATE "C",
    "transfers" bigint NOT NULL,
    "cancelled" boolean NOT NULL,
    _position bigint NOT NULL,
    _weight bigint NOT NULL,
    PRIMARY KEY ("order")
);
COMMENT ON TABLE "recount"."standing_orders__v1" IS '"order" text COLLATE "C" NOT NULL, "account" text COLLATE "C" NOT NULL, "to" text COLLATE "C" NOT NULL, "amount_minor" bigint NOT NULL, "amount_currency" char(3) NOT NULL, "first_on" date NOT NULL, "purpose" text COLLATE "C", "transfers" bigint NOT NULL, "cancelled" boolean NOT NULL, _position bigint NOT NULL, _weight bigint NOT NULL, PRIMARY KEY ("order")';
DROP VIEW IF EXISTS "recount"."standing_orders";
CREATE VIEW "recount"."standing_orders" AS SELECT "order", "account", "to", "amount_minor", "amount_currency", "first_on", "purpose", "transfers", "cancelled", _position FROM "recount"."standing_orders__v1";

CREATE TABLE "recount"."charges__v1" (
    "account" text COLLATE "C" NOT NULL,
    "month" date NOT NULL,
    "kind" text COLLATE "C" NOT NULL,
    "charged_minor" bigint NOT NULL,
    "charged_currency" char(3) NOT NULL,
    "returned_minor" bigint NOT NULL,
    "returned_currency" char(3) NOT NULL,
    _position bigint NOT NULL,
    _weight bigint NOT NULL,
    PRIMARY KEY ("account", "month", "kind")
);
COMMENT ON TABLE "recount"."charges__v1" IS '"account" text COLLATE "C" NOT NULL, "month" date NOT NULL, "kind" text COLLATE "C" NOT NULL, "charged_minor" bigint NOT NULL, "charged_currency" char(3) NOT NULL, "returned_minor" bigint NOT NULL, "returned_currency" char(3) NOT NULL, _position bigint NOT NULL, _weight bigint NOT NULL, PRIMARY KEY ("account", "month", "kind")';
DROP VIEW IF EXISTS "recount"."charges";
CREATE VIEW "recount"."charges" AS SELECT "account", "month", "kind", "charged_minor", "charged_currency", "returned_minor", "returned_currency", _position FROM "recount"."charges__v1";

