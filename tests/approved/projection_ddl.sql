CREATE TABLE "recount"."balances__v1" (
    "account" text COLLATE "C" NOT NULL,
    "balance_minor" bigint NOT NULL,
    "balance_currency" char(3) NOT NULL,
    "movements" bigint NOT NULL,
    "greatest_minor" bigint,
    "greatest_currency" char(3),
    "remark" text COLLATE "C",
    _position bigint NOT NULL,
    _group text COLLATE "C" NOT NULL,
    PRIMARY KEY ("account")
);
CREATE INDEX ON "recount"."balances__v1" (_group, "account");
COMMENT ON TABLE "recount"."balances__v1" IS '"account" text COLLATE "C" NOT NULL, "balance_minor" bigint NOT NULL, "balance_currency" char(3) NOT NULL, "movements" bigint NOT NULL, "greatest_minor" bigint, "greatest_currency" char(3), "remark" text COLLATE "C", _position bigint NOT NULL, _group text COLLATE "C" NOT NULL, PRIMARY KEY ("account")';
DROP VIEW IF EXISTS "recount"."balances";
CREATE VIEW "recount"."balances" AS SELECT "account", "balance_minor", "balance_currency", "movements", "greatest_minor", "greatest_currency", "remark", _position FROM "recount"."balances__v1";

CREATE TABLE "recount"."totals__v1" (
    "amount_minor" bigint NOT NULL,
    "deposits" bigint NOT NULL,
    "sum_minor" bigint NOT NULL,
    "sum_currency" char(3) NOT NULL,
    _position bigint NOT NULL,
    _weight bigint NOT NULL,
    PRIMARY KEY ("amount_minor")
);
COMMENT ON TABLE "recount"."totals__v1" IS '"amount_minor" bigint NOT NULL, "deposits" bigint NOT NULL, "sum_minor" bigint NOT NULL, "sum_currency" char(3) NOT NULL, _position bigint NOT NULL, _weight bigint NOT NULL, PRIMARY KEY ("amount_minor")';
DROP VIEW IF EXISTS "recount"."totals";
CREATE VIEW "recount"."totals" AS SELECT "amount_minor", "deposits", "sum_minor", "sum_currency", _position FROM "recount"."totals__v1";

CREATE TABLE "recount"."lines__v1" (
    "account" text COLLATE "C" NOT NULL,
    "line" bigint NOT NULL,
    "kind" text COLLATE "C" NOT NULL,
    "amount_minor" bigint NOT NULL,
    "amount_currency" char(3) NOT NULL,
    "running_minor" bigint NOT NULL,
    "running_currency" char(3) NOT NULL,
    _position bigint NOT NULL,
    _group text COLLATE "C" NOT NULL,
    PRIMARY KEY ("account", "line")
);
CREATE INDEX ON "recount"."lines__v1" (_group, "account", "line");
COMMENT ON TABLE "recount"."lines__v1" IS '"account" text COLLATE "C" NOT NULL, "line" bigint NOT NULL, "kind" text COLLATE "C" NOT NULL, "amount_minor" bigint NOT NULL, "amount_currency" char(3) NOT NULL, "running_minor" bigint NOT NULL, "running_currency" char(3) NOT NULL, _position bigint NOT NULL, _group text COLLATE "C" NOT NULL, PRIMARY KEY ("account", "line")';
DROP VIEW IF EXISTS "recount"."lines";
CREATE VIEW "recount"."lines" AS SELECT "account", "line", "kind", "amount_minor", "amount_currency", "running_minor", "running_currency", _position FROM "recount"."lines__v1";

