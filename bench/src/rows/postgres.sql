INSERT INTO "Author" ("objectId", "createdAt", "updatedAt", "name", "_rperm", "_wperm")
SELECT 'a' || lpad(i::text, 9, '0'), t, t, 'author ' || i, '{*}', '{}'
FROM generate_series(0, 999) AS i, (SELECT timestamptz '2020-01-01T00:00:00Z' AS t) AS time;

INSERT INTO "Tag" ("objectId", "createdAt", "updatedAt", "name", "_rperm", "_wperm")
SELECT 't' || lpad(i::text, 9, '0'), t, t, 'tag ' || lpad(i::text, 3, '0'), '{*}', '{}'
FROM generate_series(0, 99) AS i, (SELECT timestamptz '2020-01-01T00:00:00Z' AS t) AS time;

-- Of ten, six are everybody's, two are one user's, and two are one role's.
INSERT INTO "Post" ("objectId", "createdAt", "updatedAt", "title", "body", "category", "score", "active", "publishedAt", "author", "_rperm", "_wperm")
SELECT 'p' || lpad(i::text, 9, '0'), t, t, 'post ' || i, '{body}', 'category ' || (i / 10 % {categories}), (i * 7919 % 100000) / 8.0, i % 3 <> 0, t + interval '1 hour',
    'a' || lpad((i % 1000)::text, 9, '0'),
    CASE WHEN i % 10 < 6 THEN ARRAY['*'] WHEN i % 10 < 8 THEN ARRAY['u' || lpad((i * 31 % {users})::text, 9, '0')]
        ELSE ARRAY['role:R' || lpad((i / 10 % 20)::text, 2, '0')] END, '{}'
FROM generate_series(0, {posts} - 1) AS i, LATERAL (SELECT timestamptz '2020-01-01T00:00:00Z' + i * interval '1 minute' AS t) AS time;

INSERT INTO "_Join:tags:Post" ("relatedId", "owningId")
SELECT 't' || lpad(((i + k * 17) % 100)::text, 9, '0'), 'p' || lpad(i::text, 9, '0')
FROM generate_series(0, {posts} - 1) AS i, generate_series(0, 2) AS k;

-- All of these can be read by user 0.
INSERT INTO "Report" ("objectId", "createdAt", "updatedAt", "title", "body", "category", "score", "active", "publishedAt", "author", "_rperm", "_wperm")
SELECT 'e' || lpad(i::text, 9, '0'), t, t, 'report ' || i, '{body}', 'category ' || (i / 10 % {categories}), (i * 7919 % 100000) / 8.0, i % 3 <> 0, t + interval '1 hour',
    'a' || lpad((i % 1000)::text, 9, '0'),
    CASE WHEN i % 10 < 6 THEN ARRAY['*'] WHEN i % 10 < 8 THEN ARRAY['u000000000'] ELSE ARRAY['role:R03'] END, '{}'
FROM generate_series(0, {reports} - 1) AS i, LATERAL (SELECT timestamptz '2020-01-01T00:00:00Z' + i * interval '1 minute' AS t) AS time;

INSERT INTO "_Join:tags:Report" ("relatedId", "owningId")
SELECT 't' || lpad(((i + k * 17) % 100)::text, 9, '0'), 'e' || lpad(i::text, 9, '0')
FROM generate_series(0, {reports} - 1) AS i, generate_series(0, 2) AS k;

INSERT INTO "Diary" ("objectId", "createdAt", "updatedAt", "title", "body", "_rperm", "_wperm")
SELECT 'd' || lpad(i::text, 9, '0'), t, t, 'diary ' || i, '{body}', own, own
FROM generate_series(0, {diaries} - 1) AS i,
    LATERAL (SELECT timestamptz '2020-01-01T00:00:00Z' + i * interval '1 minute' AS t,
        ARRAY['u' || lpad((CASE WHEN i % {step} = 0 THEN 0 ELSE 1 + i * 31 % ({users} - 1) END)::text, 9, '0')] AS own) AS row;

INSERT INTO "Paper" ("objectId", "createdAt", "updatedAt", "title", "body", "_rperm", "_wperm")
SELECT 'q' || lpad(i::text, 9, '0'), t, t, 'paper ' || i, '{body}', ARRAY[CASE WHEN i % 50 = 0 THEN 'role:R00' ELSE 'role:R19' END], '{}'
FROM generate_series(0, {papers} - 1) AS i, LATERAL (SELECT timestamptz '2020-01-01T00:00:00Z' + i * interval '1 minute' AS t) AS time;

VACUUM ANALYZE;

CREATE TABLE "_Bench" AS SELECT 1 AS "complete";
