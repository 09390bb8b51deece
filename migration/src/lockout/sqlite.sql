CREATE TABLE IF NOT EXISTS "_Portcullis_Strangers" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "_failed_login_count" REAL,
    "_account_lockout_expires_at" INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS "_Portcullis_Strangers__end" ON "_Portcullis_Strangers" ("_account_lockout_expires_at");
