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

