PRAGMA synchronous = OFF;
BEGIN;

INSERT INTO "_Role" ("objectId", "createdAt", "updatedAt", "name", "_rperm", "_wperm")
WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 19)
SELECT printf('r%09d', i), 1577836800000, 1577836800000, printf('R%02d', i), '["*"]', '[]' FROM n;

-- Who is in one of the first ten roles has one of the others as well.
INSERT INTO "_Join:roles:_Role" ("relatedId", "owningId")
WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 9)
SELECT printf('r%09d', i), printf('r%09d', i + 10) FROM n;

INSERT INTO "_User" ("objectId", "createdAt", "updatedAt", "username", "_folded_username", "_hashed_password", "_rperm", "_wperm")
WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < {users} - 1)
SELECT printf('u%09d', i), 1577836800000, 1577836800000, 'user ' || i, 'user ' || i,
    CASE WHEN i < {logins} THEN '{argon2id}' WHEN i < 2 * {logins} THEN '{bcrypt}' END,
    '["*"]', printf('["u%09d"]', i) FROM n;

INSERT OR IGNORE INTO "_Join:users:_Role" ("relatedId", "owningId")
WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < {users} - 1)
SELECT printf('u%09d', i), printf('r%09d', i % 10) FROM n UNION ALL SELECT printf('u%09d', i), printf('r%09d', (i * 7 + 3) % 10) FROM n;

INSERT INTO "_Session" ("objectId", "createdAt", "updatedAt", "user", "sessionToken", "expiresAt", "createdWith", "_rperm", "_wperm")
WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < {users} - 1)
SELECT printf('s%09d', i), 1577836800000, 1577836800000, printf('u%09d', i), printf('r:%032x', i), 4070908800000,
    '{"action":"login","authProvider":"password"}', printf('["u%09d"]', i), printf('["u%09d"]', i) FROM n;
COMMIT;
