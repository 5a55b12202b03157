PRAGMA user_version = 2;
BEGIN TRANSACTION;
CREATE TABLE imported_files (
        digest TEXT PRIMARY KEY,
        file TEXT NOT NULL,
        imported_utc TEXT NOT NULL
    );
CREATE TABLE plan_settings (
        sensor TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (sensor, name)
    );
CREATE TABLE recent_exercises (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        person TEXT NOT NULL,
        exercise TEXT NOT NULL,
        UNIQUE (person, exercise)
    );
INSERT INTO "recent_exercises" VALUES(1,'me','trap_bar_deadlift');
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
INSERT INTO "sets" VALUES(1,'sim-d158e6f46f44-s1',2,'sim','me','2026-03-01T18:00:40.211844+00:00',0,1,'{"schema": "imurep.set/1", "event_type": "set_finished", "session": "sim-d158e6f46f44", "started": "2026-03-01T18:00:40.211Z", "ended": "2026-03-01T18:01:25.207Z", "id": "sim-d158e6f46f44-s1", "version": 2, "state": "final", "sensor": "sim", "person": "me", "exercise": "trap_bar_deadlift", "exercise_group": ["deadlift", "trap_bar_deadlift"], "exercise_reasons": ["it was told"], "contradiction": "told trap-bar deadlift, but at the top the trunk was 44\u00b0 from upright, not 0 to 20\u00b0 from upright and at the bottom the trunk was 130\u00b0 from upright, not 26 to 60\u00b0 from upright and the range was 90\u00b0, not 20 to 70\u00b0; it looks like back extension (45\u00b0 bench)", "repetitions": 9, "full_repetitions": 9, "start_s": 21.515, "end_s": 66.51, "gyroscope": true, "top_assumed": false, "gaps": 0, "form": {"full_repetitions": 9, "on_tempo_repetitions": 0, "over_line_repetitions": 0, "target_tempo_s": [1.4, 0.8, 1.2, 0.7], "momentum": 0.0, "lowering_s": 2.041, "lowering_ratio": 1.31, "slowing_percent": 1.8, "unsteadiness_percent": 3.4, "top_spread_deg": 2.6, "over_line_deg": null, "reps": [{"id": "sim-d158e6f46f44-s1-r1", "from_habit_deg": 1.0, "over_line_deg": null, "over_line": false, "momentum": 0.0, "lowering_ratio": 1.37, "range_part": 0.944, "on_tempo": false}, {"id": "sim-d158e6f46f44-s1-r2", "from_habit_deg": -1.4, "over_line_deg": null, "over_line": false, "momentum": 3.0, "lowering_ratio": 1.44, "range_part": 0.957, "on_tempo": false}, {"id": "sim-d158e6f46f44-s1-r3", "from_habit_deg": 1.8, "over_line_deg": null, "over_line": false, "momentum": 0.0, "lowering_ratio": 1.3, "range_part": 0.991, "on_tempo": false}, {"id": "sim-d158e6f46f44-s1-r4", "from_habit_deg": -0.7, "over_line_deg": null, "over_line": false, "momentum": 0.0, "lowering_ratio": 1.29, "range_part": 0.994, "on_tempo": false}, {"id": "sim-d158e6f46f44-s1-r5", "from_habit_deg": -0.1, "over_line_deg": null, "over_line": false, "momentum": 0.0, "lowering_ratio": 1.4, "range_part": 1.0, "on_tempo": false}, {"id": "sim-d158e6f46f44-s1-r6", "from_habit_deg": 0.5, "over_line_deg": null, "over_line": false, "momentum": 0.0, "lowering_ratio": 1.31, "range_part": 0.943, "on_tempo": false}, {"id": "sim-d158e6f46f44-s1-r7", "from_habit_deg": 0.8, "over_line_deg": null, "over_line": false, "momentum": 0.0, "lowering_ratio": 1.19, "range_part": 0.987, "on_tempo": false}, {"id": "sim-d158e6f46f44-s1-r8", "from_habit_deg": 0.0, "over_line_deg": null, "over_line": false, "momentum": 0.0, "lowering_ratio": 1.5, "range_part": 0.979, "on_tempo": false}, {"id": "sim-d158e6f46f44-s1-r9", "from_habit_deg": -7.7, "over_line_deg": null, "over_line": false, "momentum": 0.0, "lowering_ratio": 1.11, "range_part": 0.868, "on_tempo": false}]}, "reps": [{"id": "sim-d158e6f46f44-s1-r1", "set_id": "sim-d158e6f46f44-s1", "version": 3, "state": "final", "start_s": 21.515, "top_s": 23.086, "end_s": 26.433, "eccentric_s": 2.151, "bottom_hold_s": 0.544, "concentric_s": 1.571, "top_hold_s": 1.196, "range_of_motion_deg": 87.02, "range_estimated": false, "top_inclination_deg": 42.6, "bottom_inclination_deg": 129.2, "peak_rate_dps": 86.64, "mean_rate_dps": 46.32, "partial": false}, {"id": "sim-d158e6f46f44-s1-r2", "set_id": "sim-d158e6f46f44-s1", "version": 4, "state": "final", "start_s": 26.977, "top_s": 28.407, "end_s": 31.438, "eccentric_s": 2.053, "bottom_hold_s": 0.519, "concentric_s": 1.43, "top_hold_s": 0.978, "range_of_motion_deg": 88.26, "range_estimated": false, "top_inclination_deg": 44.9, "bottom_inclination_deg": 129.6, "peak_rate_dps": 111.13, "mean_rate_dps": 49.47, "partial": false}, {"id": "sim-d158e6f46f44-s1-r3", "set_id": "sim-d158e6f46f44-s1", "version": 4, "state": "final", "start_s": 31.957, "top_s": 33.53, "end_s": 36.592, "eccentric_s": 2.046, "bottom_hold_s": 0.617, "concentric_s": 1.573, "top_hold_s": 1.016, "range_of_motion_deg": 91.36, "range_estimated": false, "top_inclination_deg": 41.8, "bottom_inclination_deg": 133.1, "peak_rate_dps": 95.41, "mean_rate_dps": 48.95, "partial": false}, {"id": "sim-d158e6f46f44-s1-r4", "set_id": "sim-d158e6f46f44-s1", "version": 4, "state": "final", "start_s": 37.209, "top_s": 38.786, "end_s": 41.451, "eccentric_s": 2.041, "bottom_hold_s": 0.545, "concentric_s": 1.577, "top_hold_s": 0.624, "range_of_motion_deg": 91.6, "range_estimated": false, "top_inclination_deg": 44.3, "bottom_inclination_deg": 128.0, "peak_rate_dps": 91.41, "mean_rate_dps": 48.06, "partial": false}, {"id": "sim-d158e6f46f44-s1-r5", "set_id": "sim-d158e6f46f44-s1", "version": 4, "state": "final", "start_s": 41.996, "top_s": 43.41, "end_s": 46.326, "eccentric_s": 1.981, "bottom_hold_s": 0.631, "concentric_s": 1.414, "top_hold_s": 0.935, "range_of_motion_deg": 92.2, "range_estimated": false, "top_inclination_deg": 43.7, "bottom_inclination_deg": 135.9, "peak_rate_dps": 108.51, "mean_rate_dps": 52.15, "partial": false}, {"id": "sim-d158e6f46f44-s1-r6", "set_id": "sim-d158e6f46f44-s1", "version": 4, "state": "final", "start_s": 46.957, "top_s": 48.463, "end_s": 51.558, "eccentric_s": 1.968, "bottom_hold_s": 0.414, "concentric_s": 1.506, "top_hold_s": 1.127, "range_of_motion_deg": 86.93, "range_estimated": false, "top_inclination_deg": 43.1, "bottom_inclination_deg": 130.0, "peak_rate_dps": 102.43, "mean_rate_dps": 48.87, "partial": false}, {"id": "sim-d158e6f46f44-s1-r7", "set_id": "sim-d158e6f46f44-s1", "version": 4, "state": "final", "start_s": 51.972, "top_s": 53.567, "end_s": 56.169, "eccentric_s": 1.9, "bottom_hold_s": 0.618, "concentric_s": 1.595, "top_hold_s": 0.702, "range_of_motion_deg": 90.98, "range_estimated": false, "top_inclination_deg": 42.8, "bottom_inclination_deg": 126.5, "peak_rate_dps": 89.76, "mean_rate_dps": 49.55, "partial": false}, {"id": "sim-d158e6f46f44-s1-r8", "set_id": "sim-d158e6f46f44-s1", "version": 4, "state": "final", "start_s": 56.787, "top_s": 58.309, "end_s": 61.489, "eccentric_s": 2.277, "bottom_hold_s": 0.378, "concentric_s": 1.522, "top_hold_s": 0.903, "range_of_motion_deg": 90.23, "range_estimated": false, "top_inclination_deg": 43.5, "bottom_inclination_deg": 133.8, "peak_rate_dps": 107.28, "mean_rate_dps": 45.88, "partial": false}, {"id": "sim-d158e6f46f44-s1-r9", "set_id": "sim-d158e6f46f44-s1", "version": 5, "state": "final", "start_s": 61.867, "top_s": 63.569, "end_s": 66.51, "eccentric_s": 1.893, "bottom_hold_s": null, "concentric_s": 1.702, "top_hold_s": 1.048, "range_of_motion_deg": 80.06, "range_estimated": false, "top_inclination_deg": 51.2, "bottom_inclination_deg": 127.9, "peak_rate_dps": 75.85, "mean_rate_dps": 43.51, "partial": false}], "counted_repetitions": 9, "corrected": false, "tempo": {"eccentric_s": 2.041, "bottom_hold_s": 0.545, "concentric_s": 1.571, "top_hold_s": 0.977}, "range_of_motion_deg": 90.2, "quality": {"accelerometer_only": false, "gaps": 0, "lost_s": 0.0}, "target_reps": null, "target_tempo_s": null, "load_kg": null, "replay": false}');
CREATE TABLE straight_lines (
        person TEXT NOT NULL,
        sensor TEXT NOT NULL,
        exercise TEXT NOT NULL,
        line_deg REAL NOT NULL,
        PRIMARY KEY (person, sensor, exercise)
    );
CREATE INDEX unsent ON sets (row) WHERE NOT sent;
CREATE INDEX starts ON sets (started_utc);
COMMIT;
