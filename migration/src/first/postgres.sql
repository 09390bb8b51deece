-- Parse Server's own tables, as it makes them, for a database that has none.
CREATE TABLE IF NOT EXISTS "_SCHEMA" (
    "className" character varying(120) NOT NULL PRIMARY KEY,
    "schema" jsonb,
    "isParseClass" boolean
);

CREATE TABLE IF NOT EXISTS "_User" (
    "objectId" text NOT NULL PRIMARY KEY,
    "createdAt" timestamp with time zone,
    "updatedAt" timestamp with time zone,
    "username" text,
    "email" text,
    "emailVerified" boolean,
    "authData" jsonb,
    "_rperm" text[],
    "_wperm" text[],
    "_hashed_password" text,
    "_email_verify_token_expires_at" timestamp with time zone,
    "_email_verify_token" text,
    "_account_lockout_expires_at" timestamp with time zone,
    "_failed_login_count" double precision,
    "_perishable_token" text,
    "_perishable_token_expires_at" timestamp with time zone,
    "_password_changed_at" timestamp with time zone,
    "_password_history" jsonb
);

CREATE TABLE IF NOT EXISTS "_Role" (
    "objectId" text NOT NULL PRIMARY KEY,
    "createdAt" timestamp with time zone,
    "updatedAt" timestamp with time zone,
    "name" text,
    "_rperm" text[],
    "_wperm" text[]
);

CREATE TABLE IF NOT EXISTS "_Session" (
    "objectId" text NOT NULL PRIMARY KEY,
    "createdAt" timestamp with time zone,
    "updatedAt" timestamp with time zone,
    "user" text,
    "installationId" text,
    "sessionToken" text,
    "expiresAt" timestamp with time zone,
    "createdWith" jsonb,
    "_rperm" text[],
    "_wperm" text[]
);

CREATE TABLE IF NOT EXISTS "_Join:users:_Role" (
    "relatedId" character varying(120) NOT NULL,
    "owningId" character varying(120) NOT NULL,
    PRIMARY KEY ("relatedId", "owningId")
);

CREATE TABLE IF NOT EXISTS "_Join:roles:_Role" (
    "relatedId" character varying(120) NOT NULL,
    "owningId" character varying(120) NOT NULL,
    PRIMARY KEY ("relatedId", "owningId")
);

CREATE TABLE IF NOT EXISTS "_GlobalConfig" (
    "objectId" text NOT NULL PRIMARY KEY,
    "params" jsonb,
    "masterKeyOnly" jsonb
);

-- Indexes of Parse Server, by its names.
CREATE INDEX IF NOT EXISTS "case_insensitive_username" ON "_User" (lower("username") varchar_pattern_ops);
CREATE INDEX IF NOT EXISTS "case_insensitive_email" ON "_User" (lower("email") varchar_pattern_ops);
CREATE INDEX IF NOT EXISTS "_email_verify_token" ON "_User" ("_email_verify_token");
CREATE INDEX IF NOT EXISTS "_perishable_token" ON "_User" ("_perishable_token");

-- What an old database can contradict is left out there; `portcullis adopt --check` reports it.
DO $$
DECLARE
    statement text;
BEGIN
    FOREACH statement IN ARRAY ARRAY[
        'CREATE UNIQUE INDEX IF NOT EXISTS "_User_unique_username" ON "_User" ("username")',
        'CREATE UNIQUE INDEX IF NOT EXISTS "_User_unique_email" ON "_User" ("email")',
        'CREATE UNIQUE INDEX IF NOT EXISTS "_User_folded_username" ON "_User" (lower("username"))',
        'CREATE UNIQUE INDEX IF NOT EXISTS "_User_folded_email" ON "_User" (lower("email"))',
        'CREATE UNIQUE INDEX IF NOT EXISTS "_User_unique_authData_anonymous_id" ON "_User" (("authData" -> ''anonymous'' ->> ''id'')) WHERE "authData" -> ''anonymous'' ->> ''id'' IS NOT NULL',
        'CREATE UNIQUE INDEX IF NOT EXISTS "_Role_unique_name" ON "_Role" ("name")'
    ] LOOP
        BEGIN
            EXECUTE statement;
        EXCEPTION WHEN unique_violation THEN
            RAISE NOTICE 'left out, because there are duplicates: %', statement;
        END;
    END LOOP;
END
$$;

-- Indexes of Portcullis.
CREATE INDEX IF NOT EXISTS "_User__created" ON "_User" ("createdAt", "objectId" COLLATE "C");
CREATE INDEX IF NOT EXISTS "_User__readers" ON "_User" USING gin ("_rperm");
CREATE INDEX IF NOT EXISTS "_User__public" ON "_User" ("createdAt") WHERE "_rperm" IS NULL;
CREATE INDEX IF NOT EXISTS "_Role__created" ON "_Role" ("createdAt", "objectId" COLLATE "C");
CREATE INDEX IF NOT EXISTS "_Role__readers" ON "_Role" USING gin ("_rperm");
CREATE INDEX IF NOT EXISTS "_Role__public" ON "_Role" ("createdAt") WHERE "_rperm" IS NULL;
CREATE INDEX IF NOT EXISTS "_Session__created" ON "_Session" ("createdAt", "objectId" COLLATE "C");
CREATE INDEX IF NOT EXISTS "_Session__token" ON "_Session" ("sessionToken");
CREATE INDEX IF NOT EXISTS "_Session__user" ON "_Session" ("user");
CREATE INDEX IF NOT EXISTS "_Join:users:_Role_owner" ON "_Join:users:_Role" ("owningId");
CREATE INDEX IF NOT EXISTS "_Join:roles:_Role_owner" ON "_Join:roles:_Role" ("owningId");

-- Numbers that Portcullis keeps for itself.
CREATE TABLE IF NOT EXISTS "_Portcullis" (
    "name" text NOT NULL PRIMARY KEY,
    "value" bigint NOT NULL
);
INSERT INTO "_Portcullis" ("name", "value") VALUES ('catalog', 1) ON CONFLICT DO NOTHING;

-- Every change of a class raises the version and tells all servers, whoever makes it. It runs with the rights of its owner,
-- because a Parse Server may use another one.
CREATE OR REPLACE FUNCTION "portcullis_classes_changed"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE "_Portcullis" SET "value" = "value" + 1 WHERE "name" = 'catalog';
    PERFORM pg_notify('portcullis_catalog', '');
    RETURN NULL;
END
$$;
DROP TRIGGER IF EXISTS "portcullis_classes_changed" ON "_SCHEMA";
CREATE TRIGGER "portcullis_classes_changed" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "_SCHEMA"
    FOR EACH STATEMENT EXECUTE FUNCTION "portcullis_classes_changed"();
