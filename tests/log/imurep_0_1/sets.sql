PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE sets (
            row INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL,
            version INTEGER NOT NULL,
            sensor TEXT NOT NULL,
            person TEXT NOT NULL,
            started_utc TEXT NOT NULL,
            withdrawn INTEGER NOT NULL,
            sent INTEGER NOT NULL,
            payload TEXT NOT NULL,
            UNIQUE (id, version)
        );
INSERT INTO "sets" VALUES(1,'s-1',1,'Back Strap','me','2026-03-01T18:01:00.000000+00:00',0,1,'{"id": "s-1", "version": 1, "state": "final", "exercise": "deadlift", "repetitions": 8}');
INSERT INTO "sets" VALUES(2,'s-2',1,'Back Strap','me','2026-03-01T18:02:00.000000+00:00',0,0,'{"id": "s-2", "version": 1, "state": "final", "exercise": "deadlift", "repetitions": 8}');
CREATE INDEX unsent ON sets (row) WHERE NOT sent;
CREATE INDEX starts ON sets (started_utc);
COMMIT;
