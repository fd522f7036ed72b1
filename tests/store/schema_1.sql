CREATE TABLE state (kind TEXT NOT NULL, key TEXT NOT NULL, number BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key));
CREATE TABLE facts (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO facts VALUES ('schema_version', '1');
INSERT INTO state VALUES ('counter', 'ids', 1, '{"orders":2,"fills":1}');
