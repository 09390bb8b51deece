CREATE TABLE IF NOT EXISTS "_Portcullis_Strangers" (
    "name" text NOT NULL PRIMARY KEY,
    "_failed_login_count" double precision,
    "_account_lockout_expires_at" timestamp with time zone
);
CREATE INDEX IF NOT EXISTS "_Portcullis_Strangers__end" ON "_Portcullis_Strangers" ("_account_lockout_expires_at");
