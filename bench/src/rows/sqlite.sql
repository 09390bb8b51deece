PRAGMA synchronous = OFF;
BEGIN;

INSERT INTO "Author" ("objectId", "createdAt", "updatedAt", "name", "_rperm", "_wperm")
WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 999)
SELECT printf('a%09d', i), 1577836800000, 1577836800000, 'author ' || i, '["*"]', '[]' FROM n;

INSERT INTO "Tag" ("objectId", "createdAt", "updatedAt", "name", "_rperm", "_wperm")
WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 99)
SELECT printf('t%09d', i), 1577836800000, 1577836800000, printf('tag %03d', i), '["*"]', '[]' FROM n;

-- Of ten, six are everybody's, two are one user's, and two are one role's.
INSERT INTO "Post" ("objectId", "createdAt", "updatedAt", "title", "body", "category", "score", "active", "publishedAt", "author", "_rperm", "_wperm")
WITH RECURSIVE n(i, t) AS (VALUES (0, 1577836800000) UNION ALL SELECT i + 1, t + 60000 FROM n WHERE i < {posts} - 1)
SELECT printf('p%09d', i), t, t, 'post ' || i, '{body}', 'category ' || (i / 10 % {categories}), (i * 7919 % 100000) / 8.0, i % 3 <> 0, t + 3600000, printf('a%09d', i % 1000),
    CASE WHEN i % 10 < 6 THEN '["*"]' WHEN i % 10 < 8 THEN printf('["u%09d"]', i * 31 % {users}) ELSE printf('["role:R%02d"]', i / 10 % 20) END, '[]' FROM n;

INSERT INTO "_Join:tags:Post" ("relatedId", "owningId")
WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < {posts} * 3 - 1)
SELECT printf('t%09d', (i / 3 + i % 3 * 17) % 100), printf('p%09d', i / 3) FROM n;

-- All of these can be read by user 0.
INSERT INTO "Report" ("objectId", "createdAt", "updatedAt", "title", "body", "category", "score", "active", "publishedAt", "author", "_rperm", "_wperm")
WITH RECURSIVE n(i, t) AS (VALUES (0, 1577836800000) UNION ALL SELECT i + 1, t + 60000 FROM n WHERE i < {reports} - 1)
SELECT printf('e%09d', i), t, t, 'report ' || i, '{body}', 'category ' || (i / 10 % {categories}), (i * 7919 % 100000) / 8.0, i % 3 <> 0, t + 3600000, printf('a%09d', i % 1000),
    CASE WHEN i % 10 < 6 THEN '["*"]' WHEN i % 10 < 8 THEN '["u000000000"]' ELSE '["role:R03"]' END, '[]' FROM n;

INSERT INTO "_Join:tags:Report" ("relatedId", "owningId")
WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < {reports} * 3 - 1)
SELECT printf('t%09d', (i / 3 + i % 3 * 17) % 100), printf('e%09d', i / 3) FROM n;

INSERT INTO "Diary" ("objectId", "createdAt", "updatedAt", "title", "body", "_rperm", "_wperm")
WITH RECURSIVE n(i, t) AS (VALUES (0, 1577836800000) UNION ALL SELECT i + 1, t + 60000 FROM n WHERE i < {diaries} - 1),
    rows(i, t, own) AS (SELECT i, t, printf('["u%09d"]', CASE WHEN i % {step} = 0 THEN 0 ELSE 1 + i * 31 % ({users} - 1) END) FROM n)
SELECT printf('d%09d', i), t, t, 'diary ' || i, '{body}', own, own FROM rows;

INSERT INTO "Paper" ("objectId", "createdAt", "updatedAt", "title", "body", "_rperm", "_wperm")
WITH RECURSIVE n(i, t) AS (VALUES (0, 1577836800000) UNION ALL SELECT i + 1, t + 60000 FROM n WHERE i < {papers} - 1)
SELECT printf('q%09d', i), t, t, 'paper ' || i, '{body}', CASE WHEN i % 50 = 0 THEN '["role:R00"]' ELSE '["role:R19"]' END, '[]' FROM n;

CREATE TABLE "_Bench" AS SELECT 1 AS "complete";
COMMIT;
