INSERT INTO "_Role" ("objectId", "createdAt", "updatedAt", "name", "_rperm", "_wperm")
SELECT 'r' || lpad(i::text, 9, '0'), t, t, 'R' || lpad(i::text, 2, '0'), '{*}', '{}'
FROM generate_series(0, 19) AS i, (SELECT timestamptz '2020-01-01T00:00:00Z' AS t) AS time;

-- Who is in one of the first ten roles has one of the others as well.
INSERT INTO "_Join:roles:_Role" ("relatedId", "owningId")
SELECT 'r' || lpad(i::text, 9, '0'), 'r' || lpad((i + 10)::text, 9, '0') FROM generate_series(0, 9) AS i;

INSERT INTO "_User" ("objectId", "createdAt", "updatedAt", "username", "_hashed_password", "_rperm", "_wperm")
SELECT 'u' || lpad(i::text, 9, '0'), t, t, 'user ' || i,
    CASE WHEN i < {logins} THEN '{argon2id}' WHEN i < 2 * {logins} THEN '{bcrypt}' END,
    ARRAY['*'], ARRAY['u' || lpad(i::text, 9, '0')]
FROM generate_series(0, {users} - 1) AS i, (SELECT timestamptz '2020-01-01T00:00:00Z' AS t) AS time;

INSERT INTO "_Join:users:_Role" ("relatedId", "owningId")
SELECT DISTINCT 'u' || lpad(i::text, 9, '0'), 'r' || lpad(role::text, 9, '0')
FROM generate_series(0, {users} - 1) AS i, LATERAL (VALUES (i % 10), ((i * 7 + 3) % 10)) AS roles(role);

INSERT INTO "_Session" ("objectId", "createdAt", "updatedAt", "user", "sessionToken", "expiresAt", "createdWith", "_rperm", "_wperm")
SELECT 's' || lpad(i::text, 9, '0'), t, t, 'u' || lpad(i::text, 9, '0'), 'r:' || lpad(to_hex(i), 32, '0'),
    timestamptz '2099-01-01T00:00:00Z', '{"action":"login","authProvider":"password"}',
    ARRAY['u' || lpad(i::text, 9, '0')], ARRAY['u' || lpad(i::text, 9, '0')]
FROM generate_series(0, {users} - 1) AS i, (SELECT timestamptz '2020-01-01T00:00:00Z' AS t) AS time;

ANALYZE;
