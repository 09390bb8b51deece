BEGIN;
DELETE FROM "_Session" WHERE "sessionToken" NOT GLOB 'r:000000*';
DELETE FROM "Note";
DELETE FROM "Editor";
INSERT INTO "Note" ("objectId", "createdAt", "updatedAt", "title", "body", "number", "done", "_rperm", "_wperm")
WITH RECURSIVE n(i, t) AS (VALUES (0, 1577836800000) UNION ALL SELECT i + 1, t + 60000 FROM n WHERE i < {notes} - 1)
SELECT printf('n%09d', i), t, t, 'note ' || i, '{body}', i, FALSE, '["u000000000"]', '["u000000000"]' FROM n;
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);
