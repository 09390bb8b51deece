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
    -- What a Parse Server with `enableSchemaHooks` listens to; it passes over what it sent itself.
    PERFORM pg_notify('schema.change', '{"senderId": "portcullis"}');
    RETURN NULL;
END
$$;
DO $$
BEGIN
    -- Dropping it first would wait for whoever reads the classes, and a dump reads them for hours.
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = '"_SCHEMA"'::regclass AND tgname = 'portcullis_classes_changed') THEN
        CREATE TRIGGER "portcullis_classes_changed" AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "_SCHEMA"
            FOR EACH STATEMENT EXECUTE FUNCTION "portcullis_classes_changed"();
    END IF;
END
$$;
