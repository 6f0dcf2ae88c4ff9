"""A till's lines to MQTT by way of SQLite: what a careful person writes in an afternoon.

All lines of one read are one transaction (group commit); a row leaves with the first commit after its PUBACK.
"""
import sqlite3
import sys
import threading

import paho.mqtt.client as mqtt
import serial

WINDOW = 1000
tty, port, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]

db = sqlite3.connect(folder + "/lines.db", isolation_level=None)
db.execute("PRAGMA journal_mode=WAL")
db.execute("PRAGMA synchronous=FULL")
db.execute("CREATE TABLE IF NOT EXISTS line (id INTEGER PRIMARY KEY AUTOINCREMENT, text BLOB)")

lock, acknowledged, waiting = threading.Lock(), [], {}


def on_publish(client, userdata, mid, reason, properties):
    with lock:
        acknowledged.append(mid)


client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="group", clean_session=False)
client.on_publish = on_publish
client.max_inflight_messages_set(WINDOW)
client.reconnect_delay_set(1, 1)
client.connect_async("127.0.0.1", port)
client.loop_start()

line_port = serial.Serial(tty, 115200, timeout=0.01)
rest, sent = b"", 0
while True:
    rest += line_port.read(max(1, line_port.in_waiting))
    *lines, rest = rest.split(b"\n")
    with lock:
        done, acknowledged = acknowledged, []
    if lines or done:
        db.execute("BEGIN")
        db.executemany("DELETE FROM line WHERE id = ?", [(waiting.pop(mid),) for mid in done if mid in waiting])
        db.executemany("INSERT INTO line (text) VALUES (?)", [(line,) for line in lines])
        db.execute("COMMIT")
    if client.is_connected() and len(waiting) < WINDOW:
        rows = db.execute("SELECT id, text FROM line WHERE id > ? ORDER BY id LIMIT ?", (sent, WINDOW - len(waiting)))
        for number, text in rows.fetchall():
            waiting[client.publish("peers/python", text, qos=1).mid] = number
            sent = number
