DELETE FROM "_Session" WHERE "objectId" NOT IN (SELECT 's' || lpad(i::text, 9, '0') FROM generate_series(0, {users} - 1) AS i);

TRUNCATE "Note", "Editor";

INSERT INTO "Note" ("objectId", "createdAt", "updatedAt", "title", "body", "number", "done", "_rperm", "_wperm")
SELECT 'n' || lpad(i::text, 9, '0'), t, t, 'note ' || i, '{body}', i, FALSE, '{u000000000}', '{u000000000}'
FROM generate_series(0, {notes} - 1) AS i, LATERAL (SELECT timestamptz '2020-01-01T00:00:00Z' + i * interval '1 minute' AS t) AS time;

VACUUM ANALYZE "Note", "Editor", "_Session";

CHECKPOINT;
