-- The tables of Parse Server in SQLite's words: dates are milliseconds, lists and JSON are text.
CREATE TABLE IF NOT EXISTS "_SCHEMA" (
    "className" TEXT NOT NULL PRIMARY KEY,
    "schema" TEXT,
    "isParseClass" INTEGER
) STRICT;

-- The folded columns keep names and addresses unique whatever their case; `lower` knows only ASCII.
CREATE TABLE IF NOT EXISTS "_User" (
    "objectId" TEXT NOT NULL PRIMARY KEY,
    "createdAt" INTEGER NOT NULL,
    "updatedAt" INTEGER NOT NULL,
    "username" TEXT,
    "email" TEXT,
    "emailVerified" INTEGER,
    "authData" TEXT,
    "_rperm" TEXT,
    "_wperm" TEXT,
    "_hashed_password" TEXT,
    "_email_verify_token_expires_at" INTEGER,
    "_email_verify_token" TEXT,
    "_account_lockout_expires_at" INTEGER,
    "_failed_login_count" REAL,
    "_perishable_token" TEXT,
    "_perishable_token_expires_at" INTEGER,
    "_password_changed_at" INTEGER,
    "_password_history" TEXT,
    "_folded_username" TEXT,
    "_folded_email" TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS "_Role" (
    "objectId" TEXT NOT NULL PRIMARY KEY,
    "createdAt" INTEGER NOT NULL,
    "updatedAt" INTEGER NOT NULL,
    "name" TEXT,
    "_rperm" TEXT,
    "_wperm" TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS "_Session" (
    "objectId" TEXT NOT NULL PRIMARY KEY,
    "createdAt" INTEGER NOT NULL,
    "updatedAt" INTEGER NOT NULL,
    "user" TEXT,
    "installationId" TEXT,
    "sessionToken" TEXT,
    "expiresAt" INTEGER,
    "createdWith" TEXT,
    "_rperm" TEXT,
    "_wperm" TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS "_Join:users:_Role" (
    "relatedId" TEXT NOT NULL,
    "owningId" TEXT NOT NULL,
    PRIMARY KEY ("relatedId", "owningId")
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS "_Join:roles:_Role" (
    "relatedId" TEXT NOT NULL,
    "owningId" TEXT NOT NULL,
    PRIMARY KEY ("relatedId", "owningId")
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS "_GlobalConfig" (
    "objectId" TEXT NOT NULL PRIMARY KEY,
    "params" TEXT,
    "masterKeyOnly" TEXT
) STRICT;

CREATE UNIQUE INDEX IF NOT EXISTS "_User_unique_username" ON "_User" ("username");
CREATE UNIQUE INDEX IF NOT EXISTS "_User_unique_email" ON "_User" ("email");
CREATE UNIQUE INDEX IF NOT EXISTS "_User_folded_username" ON "_User" ("_folded_username");
CREATE UNIQUE INDEX IF NOT EXISTS "_User_folded_email" ON "_User" ("_folded_email");
CREATE UNIQUE INDEX IF NOT EXISTS "_Role_unique_name" ON "_Role" ("name");
CREATE INDEX IF NOT EXISTS "_email_verify_token" ON "_User" ("_email_verify_token");
CREATE INDEX IF NOT EXISTS "_perishable_token" ON "_User" ("_perishable_token");
CREATE INDEX IF NOT EXISTS "_User__created" ON "_User" ("createdAt", "objectId");
CREATE INDEX IF NOT EXISTS "_Role__created" ON "_Role" ("createdAt", "objectId");
CREATE INDEX IF NOT EXISTS "_Session__created" ON "_Session" ("createdAt", "objectId");
CREATE INDEX IF NOT EXISTS "_Session__token" ON "_Session" ("sessionToken");
CREATE INDEX IF NOT EXISTS "_Session__user" ON "_Session" ("user");
CREATE INDEX IF NOT EXISTS "_Join:users:_Role_owner" ON "_Join:users:_Role" ("owningId");
CREATE INDEX IF NOT EXISTS "_Join:roles:_Role_owner" ON "_Join:roles:_Role" ("owningId");

-- Who may read which rows, as SQLite has no index into lists. A missing list of readers is everybody.
CREATE TABLE IF NOT EXISTS "_Readers:_User" (
    "principal" TEXT NOT NULL,
    "objectId" TEXT NOT NULL,
    PRIMARY KEY ("principal", "objectId")
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS "_Readers:_User:insert" AFTER INSERT ON "_User" BEGIN
    INSERT OR IGNORE INTO "_Readers:_User" SELECT "value", NEW."objectId" FROM json_each(coalesce(NEW."_rperm", '["*"]'));
END;
CREATE TRIGGER IF NOT EXISTS "_Readers:_User:delete" AFTER DELETE ON "_User" BEGIN
    DELETE FROM "_Readers:_User" WHERE "objectId" = OLD."objectId" AND "principal" IN (SELECT "value" FROM json_each(coalesce(OLD."_rperm", '["*"]')));
END;
CREATE TRIGGER IF NOT EXISTS "_Readers:_User:update" AFTER UPDATE OF "objectId", "_rperm" ON "_User" BEGIN
    DELETE FROM "_Readers:_User" WHERE "objectId" = OLD."objectId" AND "principal" IN (SELECT "value" FROM json_each(coalesce(OLD."_rperm", '["*"]')));
    INSERT OR IGNORE INTO "_Readers:_User" SELECT "value", NEW."objectId" FROM json_each(coalesce(NEW."_rperm", '["*"]'));
END;

CREATE TABLE IF NOT EXISTS "_Readers:_Role" (
    "principal" TEXT NOT NULL,
    "objectId" TEXT NOT NULL,
    PRIMARY KEY ("principal", "objectId")
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS "_Readers:_Role:insert" AFTER INSERT ON "_Role" BEGIN
    INSERT OR IGNORE INTO "_Readers:_Role" SELECT "value", NEW."objectId" FROM json_each(coalesce(NEW."_rperm", '["*"]'));
END;
CREATE TRIGGER IF NOT EXISTS "_Readers:_Role:delete" AFTER DELETE ON "_Role" BEGIN
    DELETE FROM "_Readers:_Role" WHERE "objectId" = OLD."objectId" AND "principal" IN (SELECT "value" FROM json_each(coalesce(OLD."_rperm", '["*"]')));
END;
CREATE TRIGGER IF NOT EXISTS "_Readers:_Role:update" AFTER UPDATE OF "objectId", "_rperm" ON "_Role" BEGIN
    DELETE FROM "_Readers:_Role" WHERE "objectId" = OLD."objectId" AND "principal" IN (SELECT "value" FROM json_each(coalesce(OLD."_rperm", '["*"]')));
    INSERT OR IGNORE INTO "_Readers:_Role" SELECT "value", NEW."objectId" FROM json_each(coalesce(NEW."_rperm", '["*"]'));
END;

CREATE TABLE IF NOT EXISTS "_Readers:_Session" (
    "principal" TEXT NOT NULL,
    "objectId" TEXT NOT NULL,
    PRIMARY KEY ("principal", "objectId")
) STRICT, WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS "_Readers:_Session:insert" AFTER INSERT ON "_Session" BEGIN
    INSERT OR IGNORE INTO "_Readers:_Session" SELECT "value", NEW."objectId" FROM json_each(coalesce(NEW."_rperm", '["*"]'));
END;
CREATE TRIGGER IF NOT EXISTS "_Readers:_Session:delete" AFTER DELETE ON "_Session" BEGIN
    DELETE FROM "_Readers:_Session" WHERE "objectId" = OLD."objectId" AND "principal" IN (SELECT "value" FROM json_each(coalesce(OLD."_rperm", '["*"]')));
END;
CREATE TRIGGER IF NOT EXISTS "_Readers:_Session:update" AFTER UPDATE OF "objectId", "_rperm" ON "_Session" BEGIN
    DELETE FROM "_Readers:_Session" WHERE "objectId" = OLD."objectId" AND "principal" IN (SELECT "value" FROM json_each(coalesce(OLD."_rperm", '["*"]')));
    INSERT OR IGNORE INTO "_Readers:_Session" SELECT "value", NEW."objectId" FROM json_each(coalesce(NEW."_rperm", '["*"]'));
END;

CREATE UNIQUE INDEX IF NOT EXISTS "_User_unique_authData_anonymous_id" ON "_User" ("authData" -> 'anonymous' ->> 'id') WHERE "authData" -> 'anonymous' ->> 'id' IS NOT NULL;

-- Numbers that Portcullis keeps for itself.
CREATE TABLE IF NOT EXISTS "_Portcullis" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "value" INTEGER NOT NULL
) STRICT;
INSERT INTO "_Portcullis" ("name", "value") VALUES ('catalog', 1) ON CONFLICT DO NOTHING;

-- Every change of a class raises the version.
CREATE TRIGGER IF NOT EXISTS "_SCHEMA:insert" AFTER INSERT ON "_SCHEMA" BEGIN
    UPDATE "_Portcullis" SET "value" = "value" + 1 WHERE "name" = 'catalog';
END;
CREATE TRIGGER IF NOT EXISTS "_SCHEMA:update" AFTER UPDATE ON "_SCHEMA" BEGIN
    UPDATE "_Portcullis" SET "value" = "value" + 1 WHERE "name" = 'catalog';
END;
CREATE TRIGGER IF NOT EXISTS "_SCHEMA:delete" AFTER DELETE ON "_SCHEMA" BEGIN
    UPDATE "_Portcullis" SET "value" = "value" + 1 WHERE "name" = 'catalog';
END;
